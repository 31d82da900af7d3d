import MillraceCore
import MillraceEvents

/// Does the work on one piece after the other. Its memory is used again; each thread has its own.
struct NormalizeWorker: ~Copyable {
  private let job: NormalizeJob
  private var encoder: EventEncoder
  private let explainer: EventExplainer?
  private var surveyor = EventSurveyor()

  /// What came of the latest piece, for standard output.
  private(set) var output: [UInt8] = []
  /// What is to be said about it, in the order of the input.
  private(set) var complaints: [String] = []
  /// What was seen in all pieces so far.
  private(set) var survey = Survey()

  /// Output of more than this is not kept as room for the next piece, in bytes.
  private static let idleBytesMax = 16 << 20

  init(_ job: NormalizeJob) {
    self.job = job
    encoder = EventEncoder(format: job.format, raw: job.raw, places: job.places)
    explainer =
      job.output == .explanations
      ? EventExplainer(
        format: job.format, places: job.places, ofStructuredData: job.ofStructuredData) : nil
  }

  mutating func work(on piece: borrowing StreamPiece, of file: String) {
    output.removeAll(keepingCapacity: output.capacity <= NormalizeWorker.idleBytesMax)
    complaints.removeAll()
    piece.forEachPart { part in
      if let problem = part.scan.problem, part.scan.records.isEmpty {
        complain(problem.reason, part, file)
      }
      for record in part.scan.records {
        if case .dead(let reason) = record.verdict { complain(reason, part, file) }
      }
      take(part.scan, of: part.bytes)
    }
  }

  private mutating func complain(_ reason: String, _ part: StreamPiece.Part, _ file: String) {
    let begin = part.offset > 0 ? " (counted from byte \(part.offset))" : ""
    complaints.append("\(file): \(reason)\(begin)")
  }

  private mutating func take(_ scan: BlobScan, of bytes: PaddedBytes) {
    switch job.output {
    case .events:
      encoder.encode(scan, of: bytes, context: job.context, into: &output)
    case .explanations:
      guard let explainer else { return }
      for record in scan.records where record.isEvent {
        explain(explainer.explain(record, of: bytes, context: job.context))
      }
    case .report:
      for record in scan.records where record.isEvent {
        survey.add(surveyor.survey(record, of: bytes, context: job.context))
      }
    }
  }

  /// One field a line, as columns with tabs between them; an empty line ends the event.
  private mutating func explain(_ fields: [ExplainedField]) {
    for field in fields {
      output += Array("\(field.path)\t\(field.value)\t\(field.origin)\n".utf8)
    }
    output.append(UInt8(ascii: "\n"))
  }
}
