import Synchronization

/// Which sink of this process writes to which file.
///
/// Each sink overwrites what it does not know behind its own committed length, so two that meet in
/// one file, through a link or a renamed folder, would destroy each other's events.
package final class FileClaims: Sendable {
  /// The claims of this process.
  package static let ofThisProcess = FileClaims()

  private struct Holder {
    let sink: String
    let identity: FileIdentity
    let number: UInt64
  }

  private struct State {
    var holders: [FileIdentity.Key: Holder] = [:]
    var claims: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Claims of their own, for files that are told apart by numbers of their own.
  package init() {}

  /// A file is already written to by the sink named.
  struct Conflict: Error {
    let holder: String
  }

  /// Claims a file for `sink`, until what is returned is let go of. A sink that claims again what
  /// it has takes the claim over, as after a restart inside one process.
  func claim(_ identity: FileIdentity, for sink: String) throws(Conflict) -> FileClaim {
    let result: Result<UInt64, Conflict> = state.withLock { state in
      if let holder = state.holders[identity.key], holder.sink != sink,
        // Otherwise the file held is gone, and its inode number was given again.
        holder.identity.isSame(as: identity)
      {
        return .failure(Conflict(holder: holder.sink))
      }
      state.claims += 1
      state.holders[identity.key] = Holder(
        sink: sink, identity: identity, number: state.claims)
      return .success(state.claims)
    }
    return FileClaim(claims: self, key: identity.key, number: try result.get())
  }

  fileprivate func release(_ key: FileIdentity.Key, number: UInt64) {
    state.withLock { state in
      guard state.holders[key]?.number == number else { return }
      state.holders[key] = nil
    }
  }
}

/// A sink's claim to a file; it ends when it is let go.
final class FileClaim: Sendable {
  private let claims: FileClaims
  private let key: FileIdentity.Key
  private let number: UInt64

  fileprivate init(claims: FileClaims, key: FileIdentity.Key, number: UInt64) {
    self.claims = claims
    self.key = key
    self.number = number
  }

  deinit {
    claims.release(key, number: number)
  }
}
