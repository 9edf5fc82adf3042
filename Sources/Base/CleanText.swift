import Foundation

/// What every text that comes in goes through before it is checked, kept or compared.
///
/// - NUL is refused (`text.nul`): PostgreSQL cannot hold it, and it ends strings in C.
/// - Other control characters, bidirectional overrides, embeddings, isolates and marks, zero-width
///   characters and tag characters are taken out: they make text read otherwise than it is.
///   That includes the joiners U+200C and U+200D. Persian and the Indic scripts lose some spelling and
///   joined emoji fall into their parts; none of the product's languages needs them, and a serial number
///   with an invisible character in it is found by nobody.
/// - CRLF, CR, U+0085, U+2028 and U+2029 become LF; the result is NFC and trimmed.
public enum CleanText {
    /// One line: line ends and tabs become spaces.
    /// - Parameters:
    ///   - max: the most characters allowed (code points, as JSON Schema's `maxLength` counts).
    ///   - field: named in the refusals `text.nul` and `text.too_long`.
    public static func line(_ text: String, max: Int, field: String = "text") throws -> String {
        try clean(text, max: max, field: field, lines: false)
    }

    /// Any number of lines.
    public static func lines(_ text: String, max: Int, field: String = "text") throws -> String {
        try clean(text, max: max, field: field, lines: true)
    }

    private static func clean(_ text: String, max: Int, field: String, lines: Bool) throws -> String {
        let tooLong = Failure.invalid(field, "text.too_long", ["max": String(max)])
        // What is taken out may be long too, but not without end: megabytes are refused unread.
        guard text.utf8.count / 16 <= Swift.max(max, 64) else { throw tooLong }
        guard !text.utf8.contains(0) else { throw Failure.invalid(field, "text.nul") }
        let out = nfc(stripped(text, lines: lines)).trimmed
        guard out.unicodeScalars.count <= max else { throw tooLong }
        return out
    }

    /// Without what makes text read otherwise than it is; line ends as LF, or as spaces.
    static func stripped(_ text: String, lines: Bool) -> String {
        var out = String.UnicodeScalarView()
        var lastWasCR = false
        for s in text.unicodeScalars {
            defer { lastWasCR = s == "\r" }
            switch s.value {
            case 0x0A where lastWasCR: continue
            case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: out.append(lines ? "\n" : " ")
            case 0x09: out.append(lines ? s : " ")
            default: if !isInvisible(s) { out.append(s) }
            }
        }
        return String(out)
    }

    /// Text as it may stand in a line of a log or on a terminal: one line, and what would move the
    /// cursor, colour, hide or turn round the text stands there as `\u{1B}`, told apart by everybody.
    public static func shown(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isInvisible($0) || isLineEnd($0) }) else { return text }
        var out = ""
        for s in text.unicodeScalars {
            if isInvisible(s) || isLineEnd(s) {
                out += "\\u{" + String(s.value, radix: 16, uppercase: true) + "}"
            } else {
                out.unicodeScalars.append(s)
            }
        }
        return out
    }

    private static func isLineEnd(_ s: Unicode.Scalar) -> Bool { s.value == 0x2028 || s.value == 0x2029 }

    /// Control characters and format characters that are never seen.
    static func isInvisible(_ s: Unicode.Scalar) -> Bool {
        switch s.value {
        case 0x20...0x7E: false
        case 0...0x1F, 0x7F...0x9F, 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F,
            0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0x3164, 0xFDD0...0xFDEF, 0xFEFF, 0xFFA0,
            0xFFF0...0xFFFB, 0xFFFE...0xFFFF, 0xE0000...0xE007F:
            true
        default: false
        }
    }

    /// Canonical composition (Unicode Standard Annex 15); ASCII is left alone.
    static func nfc(_ text: String) -> String {
        text.utf8.allSatisfy { $0 < 0x80 } ? text : text.precomposedStringWithCanonicalMapping
    }

    /// An identifier as it is compared and found: serial, batch, part and ticket numbers.
    ///
    /// NFKC (full-width digits and letters become plain), upper case, every dash `-`, nothing
    /// invisible, trimmed, its words one space apart. Twice folded is once folded.
    public static func foldIdentifier(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for s in stripped(text, lines: false).precomposedStringWithCompatibilityMapping.unicodeScalars {
            switch s.value {
            // Hyphens and dashes, hyphen bullet, minus.
            case 0x2010...0x2015, 0x2043, 0x2212, 0x02D7, 0x30A0, 0x2E3A, 0x2E3B: out.append("-")
            default: out.append(s)
            }
        }
        let words = String(out).uppercased().precomposedStringWithCompatibilityMapping.unicodeScalars
            .split(whereSeparator: \.properties.isWhitespace)
        return words.map { String($0) }.joined(separator: " ")
    }

    /// A file name that is safe to store, show and offer for download: the last part of whatever path
    /// came with it, without invisible characters and those that Windows forbids, not longer than
    /// `maxBytes` of UTF-8 with its extension kept. Never empty.
    public static func fileName(_ text: String, maxBytes: Int = 200) -> String {
        let last = text.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last.map { String($0) } ?? ""
        var out = String.UnicodeScalarView()
        for s in nfc(stripped(last, lines: false)).unicodeScalars {
            switch s {
            case "<", ">", ":", "\"", "|", "?", "*": out.append("_")
            default: out.append(s)
            }
        }
        var name = String(out).trimmed[...]
        while let c = name.last, c == "." || c.isWhitespace { name = name.dropLast() }
        while let c = name.first, c == "." || c.isWhitespace { name = name.dropFirst() }
        guard !name.isEmpty else { return "file" }
        if reserved.contains(name.prefix { $0 != "." }.trimmed.uppercased()) { name = "_" + name }
        return shortened(String(name), maxBytes: maxBytes)
    }

    private static func shortened(_ name: String, maxBytes: Int) -> String {
        guard name.utf8.count > maxBytes else { return name }
        var ending = ""
        if let dot = name.lastIndex(of: "."), name[dot...].utf8.count <= 16 {
            ending = String(name[dot...])
        }
        var stem = String.UnicodeScalarView()
        var bytes = ending.utf8.count
        for s in name.unicodeScalars {
            bytes += UTF8.width(s)
            guard bytes <= maxBytes else { break }
            stem.append(s)
        }
        return String(stem) + ending
    }

    /// Devices of Windows, which no file may be named after.
    private static let reserved: Set<String> = [
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8",
        "COM9", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    ]
}
