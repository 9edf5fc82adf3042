import Base

/// The JSON form of a value and its schema, stated once: what the API writes is what it describes.
public struct Shape<T>: Sendable {
    /// The name under `#/components/schemas`.
    public let name: String
    let fields: [Field]

    /// A class, so that writing copies none of them.
    public final class Field: Sendable {
        let name: String
        let schema: JSON
        let get: @Sendable (T) -> JSON
        /// Writes the same at once, without the values between.
        let put: @Sendable (T, inout [UInt8]) -> Void
        /// The name as it is written.
        let head: [UInt8]

        init(
            name: String, schema: JSON, put: (@Sendable (T, inout [UInt8]) -> Void)? = nil,
            get: @escaping @Sendable (T) -> JSON
        ) {
            self.name = name
            self.schema = schema
            self.get = get
            self.put = put ?? { get($0).write(to: &$1) }
            head = JSON.string(name).bytes + [0x3A]
        }
    }

    public init(_ name: String, _ fields: [Field]) {
        self.name = name
        self.fields = fields
    }

    public func json(_ value: T) -> JSON {
        .object(fields.map { JSON.Member($0.name, $0.get(value)) })
    }

    /// The bytes of `json(value)`.
    public func write(_ value: T, to out: inout [UInt8]) {
        out.append(0x7B)
        for i in fields.indices {
            if i > 0 { out.append(0x2C) }
            out.append(contentsOf: fields[i].head)
            fields[i].put(value, &out)
        }
        out.append(0x7D)
    }

    func write(_ values: [T], to out: inout [UInt8]) {
        out.append(0x5B)
        for i in values.indices {
            if i > 0 { out.append(0x2C) }
            write(values[i], to: &out)
        }
        out.append(0x5D)
    }

    /// JSON Schema 2020-12 of the object.
    public var schema: JSON {
        .make([
            "type": "object", "required": .array(fields.map { .string($0.name) }),
            "properties": .object(fields.map { JSON.Member($0.name, $0.schema) }),
        ])
    }
}

extension Shape.Field {
    public static func text(_ name: String, _ get: @escaping @Sendable (T) -> String) -> Shape.Field {
        .init(name: name, schema: .make(["type": "string"])) { .string(get($0)) }
    }
    public static func optionalText(_ name: String, _ get: @escaping @Sendable (T) -> String?) -> Shape.Field
    {
        .init(name: name, schema: .make(["type": ["string", "null"]])) { .of(get($0)) }
    }
    public static func choice<E: RawRepresentable<String> & CaseIterable & SendableMetatype>(
        _ name: String, _ get: @escaping @Sendable (T) -> E?
    ) -> Shape.Field {
        let values = E.allCases.map { JSON.string($0.rawValue) } + [.null]
        let text: @Sendable (T) -> JSON = { .of(get($0)?.rawValue) }
        return .init(name: name, schema: .make(["enum": .array(values)]), get: text)
    }
    public static func int(_ name: String, _ get: @escaping @Sendable (T) -> Int64?) -> Shape.Field {
        .init(name: name, schema: .make(["type": ["integer", "null"]])) { .of(get($0)) }
    }
    public static func bool(_ name: String, _ get: @escaping @Sendable (T) -> Bool) -> Shape.Field {
        .init(name: name, schema: .make(["type": "boolean"])) { .bool(get($0)) }
    }
    public static func time(_ name: String, _ get: @escaping @Sendable (T) -> Instant?) -> Shape.Field {
        .init(name: name, schema: .make(["type": ["string", "null"], "format": "date-time"])) { .of(get($0)) }
    }
    public static func object<U>(
        _ name: String, _ shape: Shape<U>, _ get: @escaping @Sendable (T) -> U?
    ) -> Shape.Field {
        .init(
            name: name, schema: .make(["oneOf": [shape.schema, .make(["type": "null"])]]),
            put: { value, out in
                if let inner = get(value) { shape.write(inner, to: &out) } else { JSON.null.write(to: &out) }
            }, get: { get($0).map(shape.json) ?? .null })
    }
    public static func list<U>(
        _ name: String, _ shape: Shape<U>, _ get: @escaping @Sendable (T) -> [U]
    ) -> Shape.Field {
        .init(
            name: name, schema: .make(["type": "array", "items": shape.schema]),
            put: { shape.write(get($0), to: &$1) }, get: { .array(get($0).map(shape.json)) })
    }
    /// Any value with a schema of its own.
    public static func any(_ name: String, schema: JSON = .object([]), _ get: @escaping @Sendable (T) -> JSON)
        -> Shape.Field
    {
        .init(name: name, schema: schema, get: get)
    }
}

/// A page of a list with the cursor to the next.
public struct Page<T: Sendable>: Sendable {
    public var items: [T]
    public var nextCursor: String?
    public init(items: [T], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }

    public func json(_ shape: Shape<T>) -> JSON {
        .make(["items": .array(items.map(shape.json)), "next_cursor": .of(nextCursor)])
    }

    /// The bytes of `json(shape)`, with members of the caller's own behind them.
    public func bytes(_ shape: Shape<T>, _ more: KeyValuePairs<String, JSON> = [:]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(1024 * (items.count + 1))
        out.append(contentsOf: "{\"items\":".utf8)
        shape.write(items, to: &out)
        for (name, value) in [("next_cursor", JSON.of(nextCursor))] + more.map({ ($0.key, $0.value) }) {
            out.append(0x2C)
            JSON.string(name).write(to: &out)
            out.append(0x3A)
            value.write(to: &out)
        }
        out.append(0x7D)
        return out
    }
}

/// The schema of an answer, for the OpenAPI document.
public struct AnswerSchema: Sendable {
    let name: String?
    let schema: JSON

    public static let none = AnswerSchema(name: nil, schema: .null)
    public static func one<T>(_ shape: Shape<T>) -> AnswerSchema {
        AnswerSchema(name: shape.name, schema: shape.schema)
    }
    public static func page<T>(_ shape: Shape<T>) -> AnswerSchema {
        AnswerSchema(
            name: shape.name + "Page",
            schema: .make([
                "type": "object", "required": ["items", "next_cursor"],
                "properties": .make([
                    "items": .make(["type": "array", "items": shape.schema]),
                    "next_cursor": .make(["type": ["string", "null"]]),
                ]),
            ]))
    }
    /// Free-form: described as any JSON value.
    public static func any(_ schema: JSON = .object([])) -> AnswerSchema {
        AnswerSchema(name: nil, schema: schema)
    }
}

/// Cursors of lists: opaque, bound to caller, sort and filter by a checksum, so that a cursor from
/// another list or another person is refused instead of showing a wrong place.
public enum Cursor {
    public static func make(_ keys: [String], bound: String) -> String {
        let payload = JSON.array([.string(check(keys, bound))] + keys.map { .string($0) }).bytes
        return Secrets.base64URL(payload)
    }

    /// The keys inside; refuses with `cursor.invalid`.
    public static func read(_ cursor: String, bound: String, count: Int) throws -> [String] {
        guard cursor.utf8.count <= 1000, let bytes = Secrets.fromBase64URL(cursor),
            let parts = try? JSON.parse(bytes).array?.compactMap(\.string), parts.count == count + 1,
            parts[0] == check(Array(parts.dropFirst()), bound)
        else { throw Failure.invalid("cursor", "cursor.invalid") }
        return Array(parts.dropFirst())
    }

    private static func check(_ keys: [String], _ bound: String) -> String {
        String(Secrets.tokenHash(bound + "\u{0}" + keys.joined(separator: "\u{0}")).prefix(16))
    }
}
