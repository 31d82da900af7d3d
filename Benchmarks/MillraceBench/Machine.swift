import Foundation
import MillracePipeline

/// What the figures were measured on.
struct Machine: Codable {
  let processor: String
  let cores: Int
  let system: String
  let swift: String

  init() {
    cores = ProcessInfo.processInfo.activeProcessorCount
    system = ProcessInfo.processInfo.operatingSystemVersionString
    processor = Self.processorName()
    swift = Version.swift
  }

  static var isDebug: Bool {
    var isDebug = false
    assert(
      {
        isDebug = true
        return true
      }())
    return isDebug
  }

  private static func processorName() -> String {
    do {
      let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
      return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
    } catch {
      return "unknown"
    }
  }
}
