import Foundation

/// The one search analyser: text into tokens that every engine indexes and compares alike.
///
/// Text is folded (NFKC, lower case, accents of Latin, Greek and Cyrillic letters off). Then
/// - a run of letters and digits is one token;
/// - in a run of Chinese (also kana and Hangul) every character begins a token: itself with the next
///   one, and the last of the run alone. `售后服务` gives `售后 后服 服务 务`. A word of two or more
///   characters is thus a phrase of consecutive tokens and found exactly where it stands as a substring;
///   a single character is found as a token's beginning;
/// - between what does not stand together (punctuation, line end, next field) lies a gap token, which no
///   text and no query can contain, so no phrase reaches across;
/// - a serial such as `SD40A-23W31-0106` gives its parts as a phrase, and once more at the end of the
///   document all in one (`sd40a23w310106`), so that it is found by part, whole, and without its dashes.
///
/// The tokens, joined by spaces, contain letters and digits only, so that FTS5's `unicode61` and
/// PostgreSQL's `simple` both split them at the spaces and nowhere else. Traditional characters are taken
/// for their simplified form. The text is expected in NFC (`CleanText`).
///
/// A change of what it makes needs a migration that has the index made anew (`search_rebuild`).
public enum TextAnalyser {
    /// A token and where it comes from.
    public struct Token: Sendable, Equatable {
        public var text: String
        /// Offsets in the UTF-8 of the original text.
        public var range: Range<Int>
        /// Where the token's first character ends: what a query for that character alone matches.
        var firstEnd: Int
        public var isGap: Bool { text == TextAnalyser.gap }
    }

    /// U+01C0, a letter to every tokenizer. The analyser takes it for a separator wherever a text has
    /// it: so whatever begins with it was put there by us.
    static let reserved: Unicode.Scalar = "\u{01C0}"

    /// Stands between what no phrase may join.
    public static let gap = String(reserved)

    /// Longest word kept, in code points; the rest is cut off, in texts and queries alike.
    static let maxWord = 64

    /// A token that narrows a search and that no text can forge: an organisation, "public". Letters and
    /// digits of the value count, folded.
    public static func marker(_ kind: String, _ value: String) -> String {
        var out = gap
        var scanner = Scanner(kind + " " + value)
        for token in scanner.run(joined: false) where !token.isGap { out += token.text }
        return out
    }

    /// What is indexed for a document of these fields.
    public static func document(_ fields: [String]) -> String {
        documentTokens(fields).joined(separator: " ")
    }

    /// The tokens of `document`, in order.
    public static func documentTokens(_ fields: [String]) -> [String] {
        var out: [String] = []
        for field in fields {
            let tokens = tokens(field)
            guard !tokens.isEmpty else { continue }
            if !out.isEmpty { out.append(gap) }
            for t in tokens { out.append(t.text) }
        }
        return out
    }

    /// The tokens of one text; the joined serials at the end, each behind a gap.
    public static func tokens(_ text: String) -> [Token] {
        var scanner = Scanner(text)
        return scanner.run(joined: true)
    }

    // MARK: - Folding

    enum Class { case word, han, space, invisible, other }

    /// A code point in its folded form: none, one or several.
    static func fold(_ s: Unicode.Scalar, _ body: (Unicode.Scalar) -> Void) {
        switch s.value {
        case 0x41...0x5A: body(Unicode.Scalar(UInt8(s.value + 32)))
        case 0x00...0x7F, 0x3001...0x3029, 0x3400...0x4DBF, 0x2010...0x2027: body(s)
        case HanFold.range: body(HanFold.simplified(s))
        case 0xFF21...0xFF3A: body(Unicode.Scalar(UInt8(s.value - 0xFEE0 + 32)))
        case 0xFF01...0xFF5E: body(Unicode.Scalar(UInt8(s.value - 0xFEE0)))
        case 0x300...0x36F: break
        default:
            let decomposed = String(s).decomposedStringWithCompatibilityMapping.lowercased()
            let kept = decomposed.decomposedStringWithCompatibilityMapping.unicodeScalars.filter {
                !(0x300...0x36F).contains($0.value)
            }
            var folded = String.UnicodeScalarView()
            folded.append(contentsOf: kept)
            for s in String(folded).precomposedStringWithCompatibilityMapping.unicodeScalars {
                body(HanFold.simplified(s))
            }
        }
    }

    static func classify(_ s: Unicode.Scalar) -> Class {
        switch s.value {
        case 0x30...0x39, 0x61...0x7A: return .word
        case 0x20, 0x09, 0xA0, 0x3000: return .space
        case 0x00...0x7F: return .other
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x3005, 0x3007, 0x3041...0x3096, 0x309D...0x309F,
            0x30A1...0x30FA, 0x30FC...0x30FF, 0x3105...0x312F, 0x31A0...0x31BF, 0x31F0...0x31FF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0x20000...0x3FFFF:
            return s.properties.generalCategory == .unassigned ? .other : .han
        case 0x1C0: return .other
        default:
            if CleanText.isInvisible(s) { return .invisible }
            // No other numbers (❶): PostgreSQL's parser splits there.
            switch s.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                .decimalNumber, .letterNumber:
                return .word
            case .spaceSeparator: return .space
            default: return .other
            }
        }
    }

    /// Characters that hold the parts of one word or serial together: `SD40A-23W31`, `3.5`, `don't`.
    static func isJoiner(_ s: Unicode.Scalar) -> Bool {
        switch s {
        case "-", "_", ".", "/", "\\", "'", ":", "@", "&", "+", "#", "’", "－", "．", "／", "＿": true
        default: (0x2010...0x2015).contains(s.value) || s.value == 0x2212
        }
    }

    /// Walks over a text once.
    struct Scanner {
        private enum Last { case nothing, word, han, space, joiner, other }

        private let text: String
        private var tokens: [Token] = []
        private var joinedTokens: [Token] = []
        private var last = Last.nothing
        private var sawBreak = false

        // The word at hand.
        private var word = String.UnicodeScalarView()
        private var wordRange = 0..<0
        // The parts of the serial at hand: where it begins, its parts joined, how many there are.
        private var serial = ""
        private var serialRange = 0..<0
        private var serialParts = 0
        // The Chinese character waiting for its neighbour.
        private var han: (scalar: Unicode.Scalar, range: Range<Int>)?

        init(_ text: String) { self.text = text }

        mutating func run(joined: Bool) -> [Token] {
            tokens.reserveCapacity(text.utf8.count / 3)
            var offset = 0
            for s in text.unicodeScalars {
                let range = offset..<(offset + UTF8.width(s))
                offset = range.upperBound
                TextAnalyser.fold(s) { take($0, s, range) }
            }
            endWord()
            endSerial()
            endHan()
            if joined {
                for t in joinedTokens {
                    tokens.append(gapToken(at: t.range.lowerBound))
                    tokens.append(t)
                }
            }
            return tokens
        }

        private func gapToken(at offset: Int) -> Token {
            Token(text: TextAnalyser.gap, range: offset..<offset, firstEnd: offset)
        }

        private mutating func take(_ f: Unicode.Scalar, _ original: Unicode.Scalar, _ range: Range<Int>) {
            switch TextAnalyser.classify(f) {
            case .invisible: return
            case .word:
                if last == .word {
                    if word.count < TextAnalyser.maxWord { word.append(f) }
                    wordRange = wordRange.lowerBound..<range.upperBound
                    return
                }
                endHan()
                if last != .joiner || serialParts == 0 { endSerial() }
                begin(at: range.lowerBound)
                word.append(f)
                wordRange = range
                last = .word
            case .han:
                endWord()
                if last == .joiner, serialParts > 0 { sawBreak = true }
                endSerial()
                begin(at: range.lowerBound)
                if let before = han {
                    var pair = String.UnicodeScalarView()
                    pair.append(before.scalar)
                    pair.append(f)
                    tokens.append(
                        Token(
                            text: String(pair), range: before.range.lowerBound..<range.upperBound,
                            firstEnd: before.range.upperBound))
                }
                han = (f, range)
                last = .han
            case .space:
                close()
                if last == .joiner { sawBreak = true }
                last = .space
            case .other:
                let joins = last == .word && TextAnalyser.isJoiner(original)
                endWord()
                endHan()
                if joins {
                    last = .joiner
                } else {
                    endSerial()
                    sawBreak = true
                    last = .other
                }
            }
        }

        /// A token begins: the gap before it, where there is one.
        private mutating func begin(at offset: Int) {
            if sawBreak, !tokens.isEmpty { tokens.append(gapToken(at: offset)) }
            sawBreak = false
        }

        private mutating func close() {
            endWord()
            endHan()
            endSerial()
        }

        private mutating func endWord() {
            guard !word.isEmpty else { return }
            let text = String(word)
            word = String.UnicodeScalarView()
            tokens.append(Token(text: text, range: wordRange, firstEnd: wordRange.upperBound))
            if serialParts == 0 {
                serial = text
                serialRange = wordRange
            } else if serial.utf8.count <= 256 {
                serial += text
                serialRange = serialRange.lowerBound..<wordRange.upperBound
            }
            serialParts += 1
        }

        /// A serial has two parts or more and a digit somewhere; mere hyphenated words are no serial.
        private mutating func endSerial() {
            defer {
                serialParts = 0
                serial = ""
            }
            guard serialParts > 1, serial.unicodeScalars.count <= TextAnalyser.maxWord,
                serial.utf8.contains(where: { $0 >= 0x30 && $0 <= 0x39 })
            else { return }
            joinedTokens.append(
                Token(text: serial, range: serialRange, firstEnd: serialRange.upperBound))
        }

        private mutating func endHan() {
            guard let (scalar, range) = han else { return }
            han = nil
            tokens.append(Token(text: String(scalar), range: range, firstEnd: range.upperBound))
        }
    }
}
