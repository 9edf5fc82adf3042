import Base

/// Markup, as bytes. What is written in the program is markup, whatever is put in is text.
///
/// `"<p class=\"\(kind)\">\(name)</p>"`: literals are compile-time constants and stand as they are;
/// a `String`, a number or a translated sentence is escaped for element content and for attributes in
/// quotes alike; another `HTML` is taken as it is. There is no way to make HTML from a `String`.
public struct HTML: Sendable, ExpressibleByStringInterpolation {
    public private(set) var bytes: [UInt8]

    public init() { bytes = [] }

    /// An empty page with room for the given number of bytes.
    public init(capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public init(stringLiteral value: StaticString) {
        bytes = []
        append(literal: value)
    }

    public init(stringInterpolation i: StringInterpolation) { bytes = i.html.bytes }

    public struct StringInterpolation: StringInterpolationProtocol {
        var html: HTML

        public init(literalCapacity: Int, interpolationCount: Int) {
            html = HTML(capacity: literalCapacity + interpolationCount * 24)
        }

        public mutating func appendLiteral(_ literal: StaticString) { html.append(literal: literal) }
        public mutating func appendInterpolation(_ v: HTML) { html += v }
        public mutating func appendInterpolation(_ v: HTML?) { if let v { html += v } }
        public mutating func appendInterpolation(_ v: [HTML]) { for h in v { html += h } }
        public mutating func appendInterpolation(_ v: String) { html.append(text: v) }
        public mutating func appendInterpolation(_ v: String?) { if let v { html.append(text: v) } }
        public mutating func appendInterpolation(_ v: Substring) { html.append(text: String(v)) }
        public mutating func appendInterpolation(_ v: Int) { html.append(int: Int64(v)) }
        public mutating func appendInterpolation(_ v: Int64) { html.append(int: v) }
        public mutating func appendInterpolation<K>(_ v: ID<K>) { html.append(text: v.text) }
    }

    public static func += (a: inout HTML, b: HTML) { a.bytes.append(contentsOf: b.bytes) }
    public static func + (a: HTML, b: HTML) -> HTML {
        var out = a
        out += b
        return out
    }

    public var isEmpty: Bool { bytes.isEmpty }

    mutating func append(literal: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    mutating func append(int v: Int64) {
        if v < 0 { bytes.append(0x2D) }
        var n = v.magnitude
        let at = bytes.count
        repeat {
            bytes.append(0x30 + UInt8(n % 10))
            n /= 10
        } while n > 0
        bytes[at...].reverse()
    }

    mutating func append(text: String) {
        var text = text
        text.withUTF8 { buffer in
            var start = 0
            for i in 0..<buffer.count {
                let entity: StaticString
                switch buffer[i] {
                case 0x26: entity = "&amp;"
                case 0x3C: entity = "&lt;"
                case 0x3E: entity = "&gt;"
                case 0x22: entity = "&quot;"
                case 0x27: entity = "&#39;"
                default: continue
                }
                bytes.append(contentsOf: buffer[start..<i])
                append(literal: entity)
                start = i + 1
            }
            bytes.append(contentsOf: buffer[start...])
        }
    }
}

extension Sequence {
    /// One fragment for each element, one after the other.
    public func html(_ body: (Element) throws -> HTML) rethrows -> HTML {
        var out = HTML()
        for element in self { out += try body(element) }
        return out
    }
}

extension HTML {
    /// `on` where the condition holds, else nothing.
    public static func when(_ condition: Bool, _ on: @autoclosure () -> HTML) -> HTML {
        condition ? on() : HTML()
    }

    /// What somebody wrote, as paragraphs: blank lines part them, single line ends stay, and addresses
    /// that begin with http:// or https:// become links. Nothing else in it is markup.
    public static func prose(_ text: String) -> HTML {
        var out = HTML(capacity: text.utf8.count + 64)
        var open = false
        for piece in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = Substring(piece)
            if line.allSatisfy(\.isWhitespace) {
                if open { out += "</p>" }
                open = false
                continue
            }
            out += open ? "<br>" : "<p>"
            open = true
            out += linked(line)
        }
        if open { out += "</p>" }
        return out
    }

    private static func linked(_ line: Substring) -> HTML {
        var out = HTML()
        var rest = line
        while let start = rest.firstAddress {
            let before = rest[..<start]
            let end =
                rest[start...].firstIndex { $0.isWhitespace || "<>\"'，。；）】」".contains($0) }
                ?? rest.endIndex
            let address = String(rest[start..<end])
            out += "\(before)<a href=\"\(address)\" rel=\"noopener noreferrer nofollow\">\(address)</a>"
            rest = rest[end...]
        }
        return out + "\(rest)"
    }
}

extension Substring {
    /// Where the first address begins.
    fileprivate var firstAddress: Index? {
        var rest = utf8[...]
        while let i = rest.firstIndex(of: 0x68) {
            rest = rest[i...]
            if rest.starts(with: "https://".utf8) || rest.starts(with: "http://".utf8) { return i }
            rest = rest.dropFirst()
        }
        return nil
    }
}
