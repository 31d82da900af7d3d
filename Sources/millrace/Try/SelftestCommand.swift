import FoundationEssentials
import MillraceCampaign
import MillraceRuntime

/// `selftest`: proves the promises on this machine.
enum SelftestCommand {
  static let declaration = CommandDeclaration(
    name: "selftest",
    summary: "prove the promises on this machine",
    details: [
      "Nothing of your own is touched: no configuration is read, and the tenant is a simulated one."
    ],
    subcommands: [crash])

  private static let crash = CommandDeclaration(
    name: "crash",
    summary: "kill a collector again and again and compare ledgers",
    details: [
      "Collects from a simulated tenant in a bad mood, into two files, and kills the collector with "
        + "SIGKILL at random moments, some of them aimed at commits and deliveries. At the end what "
        + "the tenant sent, what the store says and every line of the files must agree: nothing "
        + "lost, nothing doubled.",
      "A kill leaves what was written to the operating system; a power cut does not. What a disk "
        + "does with an fsync is not tried here.",
    ],
    options: [
      .text(
        "folder", "FOLDER", "a new folder is made in here, on the disk to be tried", standard: "."),
      .integer("kills", in: 0...100_000, "how many kills must strike", standard: 50),
      .integer("events", in: 100...100_000_000, "how many records to invent", standard: 20_000),
      .integer(
        "seed", in: 0...Int.max, "the seed of the tenant and of the moments (default: a new one)"),
      .flag("keep", "leave the folder, whatever comes of it"),
    ],
    printsReport: true,
    examples: [
      ("selftest crash", "50 kills, in a folder under this one"),
      ("selftest crash --folder /var/lib/millrace --kills 500 --events 500000", "more, elsewhere"),
    ])

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    let seed =
      arguments.integer("seed").map { UInt64($0) } ?? UInt64.random(in: 0...UInt64(Int32.max))
    // What this very process runs, even if its file was replaced meanwhile.
    var options = CrashOptions(
      program: "/proc/self/exe", parent: arguments.string("folder") ?? ".", seed: seed)
    options.kills = arguments.integer("kills") ?? options.kills
    options.events = arguments.integer("events") ?? options.events
    let campaign: CrashCampaign
    do throws(CampaignFailure) { campaign = try CrashCampaign(options) } catch {
      throw CommandFailure("selftest: \(error)", .failed)
    }
    Output.say("millrace selftest crash: seed \(seed), in \(campaign.folder)")
    Signals.watch { _ in campaign.stop() }
    let report = try await carryOut(campaign, log: invoked.log)
    try show(report, asJSON: arguments.flag("json"))
    if arguments.flag("keep") || !report.isClean {
      Output.say("everything is left in \(campaign.folder)")
    } else {
      try remove(campaign)
    }
    return report.isClean ? .done : .failed
  }

  private static func carryOut(
    _ campaign: CrashCampaign, log: Log
  ) async throws(CommandFailure) -> CrashReport {
    let line = CampaignLine(log: log)
    do throws(CampaignFailure) {
      let report = try await campaign.run { line.show($0) }
      line.finish()
      return report
    } catch {
      line.finish()
      throw CommandFailure("selftest: \(error)\neverything is left in \(campaign.folder)", .failed)
    }
  }

  private static func remove(_ campaign: CrashCampaign) throws(CommandFailure) {
    do throws(CampaignFailure) { try campaign.removeFolder() } catch {
      throw CommandFailure("selftest: \(error)", .failed)
    }
  }

  // MARK: Report

  private static func show(_ report: CrashReport, asJSON: Bool) throws(CommandFailure) {
    guard asJSON else {
      for line in SelftestText.lines(report) { try Output.line(line) }
      return
    }
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      try Output.line(String(decoding: try encoder.encode(report), as: UTF8.self))
    } catch {
      throw CommandFailure("\(error)", .failed)
    }
  }
}
