/// How a feed's polls go: what has failed in a row, and how far each came.
struct PollCourse {
  /// Polls in a row that failed at one and the same page. Waits begin small again when another page
  /// fails; one that always fails behind others that never do must not be asked for every second.
  private(set) var failures = 0
  /// Whether this poll met entries that are not as they should be.
  var hasOddEntries = false
  /// Whether this poll met entries that name no blob.
  var hasUnreadable = false
  /// Pages listed in this poll, the look at the subscription being the first.
  private(set) var pages = 0
  private var pagesAtFailure = 0
  /// The most pages that a poll came to since one last came to its end.
  private var pagesMost = 0

  /// Polls in a row that failed at the page that is to be listed now.
  var failuresHere: Int { pages == pagesAtFailure ? failures : 0 }

  /// A poll begins.
  mutating func begin() {
    pages = 0
    hasOddEntries = false
    hasUnreadable = false
  }

  /// A page was listed.
  mutating func notePage() {
    pages += 1
  }

  /// Notes that what the page names is in the ledger; returns whether no poll came as far before.
  /// Listing the same pages again after a failure behind them brings the end no nearer.
  mutating func noteEntered() -> Bool {
    defer { pagesMost = max(pagesMost, pages) }
    return pages > pagesMost
  }

  /// The poll came to its end.
  mutating func succeed() {
    failures = 0
    pagesMost = 0
  }

  /// The poll failed.
  mutating func fail() {
    failures = pages == pagesAtFailure ? failures + 1 : 1
    pagesAtFailure = pages
  }
}
