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
    do {
      let files = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
      return files.contains("libswiftCore.so") ? words : words + " --static-swift-stdlib"
    } catch {
      return words
    }
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
