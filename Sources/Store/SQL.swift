import Base

/// A value that a statement binds. Times are milliseconds, money and quantities integers, truth 0 or 1.
public enum Value: Sendable, Hashable {
    case null
    case int(Int64)
    case text(String)
    case blob([UInt8])
}

/// A statement with its values: the only way to make SQL from a value is to bind it.
///
/// `"select title from ticket where id = \(id) and state = \(state)"` holds the text with `?` for each
/// value. The text of a fragment is always a literal of this program; there is no initialiser from a
/// `String`, so nothing that a person typed can become SQL.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The text with `?` for each value, the same on every engine; `Dialect` renders it.
    public private(set) var text: String
    public private(set) var values: [Value]

    public init(stringLiteral value: StaticString) {
        text = value.description
        values = []
    }

    public init(stringInterpolation i: StringInterpolation) {
        text = i.text
        values = i.values
    }

    /// A name out of the database's own schema. Nothing but small letters, digits and `_` is taken.
    init(name: String) throws {
        let letters = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
        }
        guard letters, let first = name.utf8.first, first >= 0x61 || first == 0x5F else {
            throw EngineError(.unsuitable, "\(name) is no name of Fettle's")
        }
        text = name
        values = []
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        var text = ""
        var values: [Value] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount)
            values.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: StaticString) {
            literal.withUTF8Buffer { text.append(String(decoding: $0, as: UTF8.self)) }
        }

        mutating func bind(_ value: Value) {
            text.append("?")
            values.append(value)
        }

        public mutating func appendInterpolation(_ v: Value) { bind(v) }
        public mutating func appendInterpolation(_ v: String) { bind(.text(v)) }
        public mutating func appendInterpolation(_ v: String?) { bind(v.map { .text($0) } ?? .null) }
        public mutating func appendInterpolation(_ v: Int) { bind(.int(Int64(v))) }
        public mutating func appendInterpolation(_ v: Int?) {
            bind(v.map { .int(Int64($0)) } ?? .null)
        }
        public mutating func appendInterpolation(_ v: Int64) { bind(.int(v)) }
        public mutating func appendInterpolation(_ v: Int64?) { bind(v.map { .int($0) } ?? .null) }
        public mutating func appendInterpolation(_ v: Bool) { bind(.int(v ? 1 : 0)) }
        public mutating func appendInterpolation(_ v: [UInt8]) { bind(.blob(v)) }
        public mutating func appendInterpolation(_ v: Instant) { bind(.int(v.ms)) }
        public mutating func appendInterpolation(_ v: Instant?) {
            bind(v.map { .int($0.ms) } ?? .null)
        }
        public mutating func appendInterpolation<K>(_ v: ID<K>) { bind(.text(v.text)) }
        public mutating func appendInterpolation<K>(_ v: ID<K>?) {
            bind(v.map { .text($0.text) } ?? .null)
        }
        public mutating func appendInterpolation<E: RawRepresentable<String>>(_ v: E) {
            bind(.text(v.rawValue))
        }
        public mutating func appendInterpolation<E: RawRepresentable<String>>(_ v: E?) {
            bind(v.map { .text($0.rawValue) } ?? .null)
        }

        /// `(?, ?, ?)`; an empty list becomes `(null)`, which nothing equals.
        public mutating func appendInterpolation(list: some Sequence<String>) {
            text.append("(")
            var first = true
            for item in list {
                if !first { text.append(", ") }
                bind(.text(item))
                first = false
            }
            text.append(first ? "null)" : ")")
        }

        /// A fragment, its values included.
        public mutating func appendInterpolation(_ fragment: SQL) {
            text.append(fragment.text)
            values.append(contentsOf: fragment.values)
        }
    }

    public static func + (a: SQL, b: SQL) -> SQL {
        var out = a
        out += b
        return out
    }

    public static func += (a: inout SQL, b: SQL) {
        a.text.append(b.text)
        a.values.append(contentsOf: b.values)
    }

    public var isEmpty: Bool { text.isEmpty }
}

extension Sequence<SQL> {
    /// The fragments with a literal between them: `conditions.joined(" and ")`.
    public func joined(_ separator: SQL) -> SQL {
        var out: SQL = ""
        for (i, fragment) in enumerated() {
            if i > 0 { out += separator }
            out += fragment
        }
        return out
    }
}
