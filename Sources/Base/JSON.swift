/// A JSON value with the order of its members kept.
///
/// Own parser because the product must refuse what Foundation's lets through: duplicate keys, depth,
/// lone surrogates, NUL (RFC 8259 § 4, § 9; RFC 7493 I-JSON).
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    public struct Member: Sendable, Equatable {
        public var name: String
        public var value: JSON
        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// The member of that name; nil where there is none or this is no object.
    public subscript(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    public var string: String? { if case .string(let s) = self { s } else { nil } }
    public var int: Int64? { if case .int(let i) = self { i } else { nil } }
    public var bool: Bool? { if case .bool(let b) = self { b } else { nil } }
    public var array: [JSON]? { if case .array(let a) = self { a } else { nil } }
    public var members: [Member]? { if case .object(let m) = self { m } else { nil } }
    public var double: Double? {
        switch self {
        case .double(let d): d
        case .int(let i): Double(i)
        default: nil
        }
    }

    /// An object from members in order; nil values are written as `null`.
    public static func make(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.map { Member($0.key, $0.value ?? .null) })
    }

    /// Optional text, number or time as a value or `null`.
    public static func of(_ s: String?) -> JSON { s.map { .string($0) } ?? .null }
    public static func of(_ i: Int64?) -> JSON { i.map { .int($0) } ?? .null }
    public static func of(_ i: Int?) -> JSON { i.map { .int(Int64($0)) } ?? .null }
    public static func of(_ b: Bool) -> JSON { .bool(b) }
    public static func of(_ t: Instant?) -> JSON { t.map { .string($0.rfc3339) } ?? .null }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

// MARK: - Writing

extension JSON {
    /// Compact UTF-8.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        write(to: &out)
        return out
    }

    /// Compact text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public func write(to out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let b): out.append(contentsOf: (b ? "true" : "false").utf8)
        case .int(let i): out.append(contentsOf: String(i).utf8)
        case .double(let d):
            out.append(contentsOf: (d.isFinite ? "\(d)" : "null").utf8)
        case .string(let s): JSON.quote(s, to: &out)
        case .array(let values):
            out.append(0x5B)
            for (i, v) in values.enumerated() {
                if i > 0 { out.append(0x2C) }
                v.write(to: &out)
            }
            out.append(0x5D)
        case .object(let members):
            out.append(0x7B)
            for (i, m) in members.enumerated() {
                if i > 0 { out.append(0x2C) }
                JSON.quote(m.name, to: &out)
                out.append(0x3A)
                m.value.write(to: &out)
            }
            out.append(0x7D)
        }
    }

    /// Indented by two spaces: for the command line and files that people read.
    public func pretty(indent: Int = 0) -> String {
        let pad = String(repeating: "  ", count: indent + 1)
        let end = String(repeating: "  ", count: indent)
        switch self {
        case .array(let values) where !values.isEmpty:
            return "[\n"
                + values.map { pad + $0.pretty(indent: indent + 1) }.joined(separator: ",\n")
                + "\n\(end)]"
        case .object(let members) where !members.isEmpty:
            return "{\n"
                + members.map {
                    pad + JSON.string($0.name).text + ": " + $0.value.pretty(indent: indent + 1)
                }.joined(separator: ",\n") + "\n\(end)}"
        default: return text
        }
    }

    static func quote(_ s: String, to out: inout [UInt8]) {
        out.append(0x22)
        var s = s
        s.withUTF8 { buffer in
            var start = 0
            for i in 0..<buffer.count {
                let c = buffer[i]
                if c >= 0x20, c != 0x22, c != 0x5C { continue }
                out.append(contentsOf: buffer[start..<i])
                start = i + 1
                out.append(0x5C)
                switch c {
                case 0x22, 0x5C: out.append(c)
                case 0x0A: out.append(0x6E)
                case 0x0D: out.append(0x72)
                case 0x09: out.append(0x74)
                default:
                    out.append(contentsOf: "u00".utf8)
                    out.append(hexDigit(c >> 4))
                    out.append(hexDigit(c & 15))
                }
            }
            out.append(contentsOf: buffer[start...])
        }
        out.append(0x22)
    }

    private static func hexDigit(_ v: UInt8) -> UInt8 { v < 10 ? 0x30 + v : 0x57 + v }
}

// MARK: - Reading

extension JSON {
    /// Parses one value that fills the whole text. Refusals: `json.syntax`, `json.depth`,
    /// `json.duplicate_key`, `json.encoding`, `json.nul`, `json.number`; each with the byte offset.
    public static func parse(_ bytes: some Collection<UInt8>, maxDepth: Int = 32) throws -> JSON {
        var p = Parser(bytes: Array(bytes), maxDepth: maxDepth)
        guard String(validating: p.bytes, as: UTF8.self) != nil else { throw p.fail("json.encoding") }
        return try p.document()
    }

    public static func parse(_ text: String, maxDepth: Int = 32) throws -> JSON {
        var p = Parser(bytes: Array(text.utf8), maxDepth: maxDepth)
        return try p.document()
    }

    private struct Parser {
        let bytes: [UInt8]
        let maxDepth: Int
        var i = 0

        init(bytes: [UInt8], maxDepth: Int) {
            self.bytes = bytes
            self.maxDepth = maxDepth
        }

        func fail(_ code: String) -> Failure {
            Failure(.malformed, code, ["offset": String(i)])
        }

        mutating func document() throws -> JSON {
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { i = 3 }
            let value = try value(depth: 0)
            space()
            guard i == bytes.count else { throw fail("json.syntax") }
            return value
        }

        mutating func space() {
            while i < bytes.count {
                switch bytes[i] {
                case 0x20, 0x09, 0x0A, 0x0D: i += 1
                default: return
                }
            }
        }

        mutating func value(depth: Int) throws -> JSON {
            space()
            guard i < bytes.count else { throw fail("json.syntax") }
            switch bytes[i] {
            case 0x7B: return try object(depth: depth + 1)
            case 0x5B: return try array(depth: depth + 1)
            case 0x22: return .string(try string())
            case 0x74: return try literal("true", .bool(true))
            case 0x66: return try literal("false", .bool(false))
            case 0x6E: return try literal("null", .null)
            default: return try number()
            }
        }

        mutating func literal(_ word: StaticString, _ value: JSON) throws -> JSON {
            let n = word.utf8CodeUnitCount
            let expected = UnsafeBufferPointer(start: word.utf8Start, count: n)
            guard i + n <= bytes.count, bytes[i..<(i + n)].elementsEqual(expected) else {
                throw fail("json.syntax")
            }
            i += n
            return value
        }

        mutating func array(depth: Int) throws -> JSON {
            guard depth <= maxDepth else { throw fail("json.depth") }
            i += 1
            var out: [JSON] = []
            space()
            if i < bytes.count, bytes[i] == 0x5D {
                i += 1
                return .array(out)
            }
            while true {
                out.append(try value(depth: depth))
                space()
                guard i < bytes.count else { throw fail("json.syntax") }
                if bytes[i] == 0x5D {
                    i += 1
                    return .array(out)
                }
                guard bytes[i] == 0x2C else { throw fail("json.syntax") }
                i += 1
            }
        }

        mutating func object(depth: Int) throws -> JSON {
            guard depth <= maxDepth else { throw fail("json.depth") }
            i += 1
            var out: [Member] = []
            // Hashing a few names costs more than looking at them.
            var seen: Set<String>?
            space()
            if i < bytes.count, bytes[i] == 0x7D {
                i += 1
                return .object(out)
            }
            while true {
                space()
                guard i < bytes.count, bytes[i] == 0x22 else { throw fail("json.syntax") }
                let name = try string()
                if out.count == 16, seen == nil { seen = Set(out.map(\.name)) }
                let isNew = seen?.insert(name).inserted ?? !out.contains { $0.name == name }
                guard isNew else { throw fail("json.duplicate_key") }
                space()
                guard i < bytes.count, bytes[i] == 0x3A else { throw fail("json.syntax") }
                i += 1
                out.append(Member(name, try value(depth: depth)))
                space()
                guard i < bytes.count else { throw fail("json.syntax") }
                if bytes[i] == 0x7D {
                    i += 1
                    return .object(out)
                }
                guard bytes[i] == 0x2C else { throw fail("json.syntax") }
                i += 1
            }
        }

        mutating func number() throws -> JSON {
            let start = i
            var isInteger = true
            if i < bytes.count, bytes[i] == 0x2D { i += 1 }
            guard i < bytes.count, isDigit(bytes[i]) else { throw fail("json.syntax") }
            if bytes[i] == 0x30 { i += 1 } else { digits() }
            if i < bytes.count, bytes[i] == 0x2E {
                isInteger = false
                i += 1
                guard i < bytes.count, isDigit(bytes[i]) else { throw fail("json.syntax") }
                digits()
            }
            if i < bytes.count, bytes[i] == 0x65 || bytes[i] == 0x45 {
                isInteger = false
                i += 1
                if i < bytes.count, bytes[i] == 0x2B || bytes[i] == 0x2D { i += 1 }
                guard i < bytes.count, isDigit(bytes[i]) else { throw fail("json.syntax") }
                digits()
            }
            let text = String(decoding: bytes[start..<i], as: UTF8.self)
            if isInteger, let v = Int64(text) { return .int(v) }
            guard text.utf8.count <= 64, let d = Double(text), d.isFinite else {
                throw fail("json.number")
            }
            return .double(d)
        }

        func isDigit(_ b: UInt8) -> Bool { b >= 0x30 && b <= 0x39 }
        mutating func digits() { while i < bytes.count, isDigit(bytes[i]) { i += 1 } }

        mutating func string() throws -> String {
            i += 1
            var out: [UInt8] = []
            var start = i
            while i < bytes.count {
                let c = bytes[i]
                if c == 0x22 {
                    defer { i += 1 }
                    if out.isEmpty { return String(decoding: bytes[start..<i], as: UTF8.self) }
                    out.append(contentsOf: bytes[start..<i])
                    return String(decoding: out, as: UTF8.self)
                }
                guard c >= 0x20 else { throw fail("json.syntax") }
                guard c == 0x5C else {
                    i += 1
                    continue
                }
                out.append(contentsOf: bytes[start..<i])
                i += 1
                guard i < bytes.count else { throw fail("json.syntax") }
                switch bytes[i] {
                case 0x22, 0x5C, 0x2F: out.append(bytes[i])
                case 0x62: out.append(0x08)
                case 0x66: out.append(0x0C)
                case 0x6E: out.append(0x0A)
                case 0x72: out.append(0x0D)
                case 0x74: out.append(0x09)
                case 0x75:
                    var unit = try hex4()
                    if unit >= 0xD800, unit < 0xDC00 {
                        guard i + 2 < bytes.count, bytes[i + 1] == 0x5C, bytes[i + 2] == 0x75
                        else { throw fail("json.encoding") }
                        i += 2
                        let low = try hex4()
                        guard low >= 0xDC00, low < 0xE000 else { throw fail("json.encoding") }
                        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
                    }
                    guard unit != 0 else { throw fail("json.nul") }
                    guard let scalar = Unicode.Scalar(unit) else { throw fail("json.encoding") }
                    out.append(contentsOf: String(Character(scalar)).utf8)
                default: throw fail("json.syntax")
                }
                i += 1
                start = i
            }
            throw fail("json.syntax")
        }

        /// Reads the four digits after `\u`; leaves `i` on the last of them.
        mutating func hex4() throws -> UInt32 {
            guard i + 4 < bytes.count else { throw fail("json.syntax") }
            var v: UInt32 = 0
            for _ in 0..<4 {
                i += 1
                let c = bytes[i]
                switch c {
                case 0x30...0x39: v = v << 4 | UInt32(c - 0x30)
                case 0x41...0x46: v = v << 4 | UInt32(c - 0x37)
                case 0x61...0x66: v = v << 4 | UInt32(c - 0x57)
                default: throw fail("json.syntax")
                }
            }
            return v
        }
    }
}
