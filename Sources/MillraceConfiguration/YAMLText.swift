/// The text of a configuration file, once it is known to be UTF-8 without characters that YAML
/// refuses; nil when it is not, which `reading` then says with the place.
///
/// libyaml would find the same, but says it in byte offsets.
func checkedText(_ bytes: [UInt8], reading: Reading) -> String? {
  var bytes = bytes[...]
  if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
  if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
    reading.fail(at: nil, "it is encoded as UTF-16", hint: "save it as UTF-8")
    return nil
  }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    let valid = validPrefix(bytes)
    reading.fail(
      at: endPlace(valid), "this character is not UTF-8", hint: "save the file as UTF-8")
    return nil
  }
  if let index = text.unicodeScalars.firstIndex(where: isRefused) {
    let code = String(text.unicodeScalars[index].value, radix: 16, uppercase: true)
    reading.fail(
      at: endPlace(text.unicodeScalars[..<index]), "a control character (U+\(code)) stands here",
      hint: "remove it, or write it as an escape in double quotes")
    return nil
  }
  return text
}

/// The characters before the first byte that is not UTF-8.
private func validPrefix(_ bytes: ArraySlice<UInt8>) -> String.UnicodeScalarView.SubSequence {
  var scalars = String.UnicodeScalarView()
  var decoder = UTF8()
  var iterator = bytes.makeIterator()
  while case .scalarValue(let scalar) = decoder.decode(&iterator) { scalars.append(scalar) }
  return scalars[...]
}

/// Where the character after these stands.
private func endPlace(_ scalars: String.UnicodeScalarView.SubSequence) -> YAMLNode.Place {
  var place = YAMLNode.Place(line: 1, column: 1)
  for scalar in scalars {
    if scalar == "\n" {
      place.line += 1
      place.column = 1
    } else {
      place.column += 1
    }
  }
  return place
}

/// YAML 1.1, 5.1: everything printable, tab and line breaks are allowed.
private func isRefused(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x09, 0x0A, 0x0D, 0x85: false
  case 0..<0x20, 0x7F..<0xA0, 0xFFFE, 0xFFFF, 0xFEFF: true
  default: false
  }
}
