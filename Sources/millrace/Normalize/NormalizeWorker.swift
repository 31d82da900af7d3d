import MillraceCore
import MillraceEvents

/// Does the work on one piece after the other. Its memory is used again; each thread has its own.
struct NormalizeWorker: ~Copyable {
  private let job: NormalizeJob
  private var encoder: EventEncoder
  private let explainer: EventExplainer?
  private var surveyor = EventSurveyor()
  /// Set when output is not wanted any more.
  private var isStopped = false

  /// What came of the latest piece, for standard output, but what was handed over already.
  private(set) var output: [UInt8] = []
  /// What is to be said about it, in the order of the input.
  private(set) var complaints: [String] = []
  /// What was seen in all pieces so far.
  private(set) var survey = Survey()

  /// Output of more than this is handed over before the piece is done with, in bytes: of records
  /// of two bytes come events of hundreds.
  private static let outputBytesMax = 8 << 20
  /// Output of more than this is not kept as room for the next piece, in bytes.
  private static let idleBytesMax = 16 << 20
  /// How many records are encoded between two looks at the output's size.
  private static let recordsAtOnce = 4096

  init(_ job: NormalizeJob) {
    self.job = job
    encoder = EventEncoder(format: job.format, raw: job.raw, places: job.places)
    explainer =
      job.output == .explanations
      ? EventExplainer(
        format: job.format, places: job.places, ofStructuredData: job.ofStructuredData) : nil
  }

  /// Does the work on a piece; calls `overflow` with output that is too much to be kept, which goes
  /// on while that returns true.
  mutating func work(
    on piece: borrowing StreamPiece, of file: String, overflow: ([UInt8]) -> Bool
  ) {
    output.removeAll(keepingCapacity: output.capacity <= NormalizeWorker.idleBytesMax)
    complaints.removeAll()
    piece.forEachPart { part in
      if isStopped { return }
      if let problem = part.scan.problem, part.scan.records.isEmpty {
        complain(problem.reason, part, file)
      }
      for record in part.scan.records {
        if case .dead(let reason) = record.verdict { complain(reason, part, file) }
      }
      take(part.scan, of: part.bytes, overflow)
    }
  }

  /// Hands over what there is when it is too much.
  private mutating func relieve(_ overflow: ([UInt8]) -> Bool) {
    guard output.count > NormalizeWorker.outputBytesMax else { return }
    isStopped = !overflow(output)
    output.removeAll(keepingCapacity: output.capacity <= NormalizeWorker.idleBytesMax)
  }

  private mutating func complain(_ reason: String, _ part: StreamPiece.Part, _ file: String) {
    let begin = part.offset > 0 ? " (counted from byte \(part.offset))" : ""
    complaints.append("\(file): \(reason)\(begin)")
  }

  private mutating func take(
    _ scan: BlobScan, of bytes: PaddedBytes, _ overflow: ([UInt8]) -> Bool
  ) {
    switch job.output {
    case .events:
      var rest = scan.records[...]
      while !rest.isEmpty, !isStopped {
        let some = rest.prefix(NormalizeWorker.recordsAtOnce)
        rest = rest.dropFirst(some.count)
        encoder.encode(some, of: bytes, context: job.context, into: &output)
        relieve(overflow)
      }
    case .explanations:
      guard let explainer else { return }
      for record in scan.records where record.isEvent && !isStopped {
        explain(explainer.explain(record, of: bytes, context: job.context))
        relieve(overflow)
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
