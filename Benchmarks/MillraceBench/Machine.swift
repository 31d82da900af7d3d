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

  /// How this program was built.
  static var build: String {
    let words = isDebug ? "swift build" : "swift build -c release"
    // Handles are read to the end; of such files nobody knows the size before.
    guard let maps = FileHandle(forReadingAtPath: "/proc/self/maps") else { return words }
    let files = String(decoding: maps.readDataToEndOfFile(), as: UTF8.self)
    return files.contains("libswiftCore.so") ? words : words + " --static-swift-stdlib"
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
