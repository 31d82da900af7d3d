package import MillraceEvents
import Synchronization

/// The pseudonyms of a sink: made with the operator's keys, of one tenant apart from another's.
///
/// What makes the pseudonyms of a tenant remembers them. It is lent to one encoder at a time and
/// kept here meanwhile, so that nobody waits for a lock.
package final class KeyedPseudonyms: Pseudonymizer {
  /// What is replaced.
  package let selection: PseudonymSelection
  private let key: PseudonymKey
  private let revealKey: PseudonymKey?
  private let idle = Mutex<[TenantPseudonyms]>([])
  /// More than workers there are; what is beyond is made anew.
  private static let idleMax = 32

  /// Pseudonyms made with a key; `revealKey` turns them back, nil makes that impossible.
  package init(key: PseudonymKey, revealKey: PseudonymKey?, selection: PseudonymSelection) {
    self.key = key
    self.revealKey = revealKey
    self.selection = selection
  }

  /// What makes pseudonyms in one tenant.
  package func borrow(tenant: [UInt8]) -> any PseudonymMaker {
    let found = idle.withLock { idle in
      idle.lastIndex { $0.tenant == tenant }.map { idle.remove(at: $0) }
    }
    return found ?? TenantPseudonyms(tenant: tenant, key: key, revealKey: revealKey)
  }

  /// Takes it back.
  package func giveBack(_ maker: any PseudonymMaker) {
    guard let maker = maker as? TenantPseudonyms else { return }
    idle.withLock { idle in
      if idle.count >= KeyedPseudonyms.idleMax { idle.removeFirst() }
      idle.append(maker)
    }
  }
}
