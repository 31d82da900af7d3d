import MillraceHTTP
import MillraceSinks

/// What became of one document of a bulk request.
struct BulkItem {
  let status: Int
  /// Such as `document_parsing_exception`.
  let type: String?
  let reason: String?

  /// What it means for the event.
  func verdict(
    _ action: ElasticsearchOptions.Operation, _ exchange: HTTPExchange
  ) -> ItemVerdict {
    let words = "HTTP \(status): \(exchange.words([type, reason].joined))"
    switch status {
    case 200, 201:
      return .accepted
    // The document is there: it was sent before, and the answer got lost.
    case 409 where action == .create:
      return .accepted
    case 409:
      return .again(exchange.error(.other, words))
    case 429, 503:
      return .again(exchange.error(.busy, words))
    case 400 where !isAboutIndex, 413, 422:
      return .refused(words)
    case 400, 401, 403, 404:
      return .again(exchange.error(.rejected, words, hint: hint, code: type ?? "\(status)"))
    default:
      return .again(exchange.error(.other, words))
    }
  }

  /// Whether the index cannot take any document: what is wrong is not wrong with the event.
  private var isAboutIndex: Bool {
    switch type {
    case "index_closed_exception", "invalid_index_name_exception",
      "cluster_block_exception", "validation_exception", "index_not_found_exception":
      true
    case "illegal_argument_exception":
      // The limits of an index's mapping are met by single events; rules about operations and
      // aliases by all.
      reason.map { text in
        ["op_type", "write index", "alias", "pipeline"].contains { text.contains($0) }
      } ?? false
    default: false
    }
  }

  private var hint: String {
    switch type {
    case "index_not_found_exception":
      "create the index, or allow it to be created (action.auto_create_index)"
    case "cluster_block_exception":
      "the index takes no writes: see the disks (flood-stage watermark) and its blocks"
    case "security_exception":
      "let the key or user create documents in this index"
    case "illegal_argument_exception":
      "a data stream takes op: create only; an alias needs a write index"
    default: "see that the index can be written to"
    }
  }
}

extension [String?] {
  /// The texts there are, with colons between.
  fileprivate var joined: String { compactMap { $0 }.joined(separator: ": ") }
}
