import MillraceCompression

extension BodyCoding {
  /// A body as it is sent.
  func packed(_ body: [UInt8]) -> [UInt8] {
    switch self {
    case .none: body
    case .gzip: body.withUnsafeBytes { Gzip.compress($0) }
    case .zstd: body.withUnsafeBytes { Zstd.compress($0) }
    }
  }
}
