import Base

/// What a route answers: a page, JSON, a redirect or a file, before it becomes bytes on a line.
public struct Reply: Sendable {
    public var status: Int
    public var headers: [(String, String)]
    public var body: Body
    /// It tells a one-time secret: it is kept for no second asking.
    public private(set) var isSecret = false

    public enum Body: Sendable {
        case bytes([UInt8])
        /// The program's own memory (embedded files): not copied.
        case asset(UnsafeRawBufferPointerBox)
        /// Written piece by piece; `nil` ends it. Used for attachments and exports.
        case chunks(@Sendable (_ index: Int) async throws -> [UInt8]?)
        /// Server-sent events: the JSON of each, already read through the listener's rights.
        case events(AsyncStream<JSON>)
    }

    public init(status: Int = 200, headers: [(String, String)] = [], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public func with(_ name: String, _ value: String) -> Reply {
        var out = self
        out.headers.append((name, value))
        return out
    }

    /// Marked as telling a one-time secret.
    public var secret: Reply {
        var out = self
        out.isSecret = true
        return out
    }

    public static func html(_ html: HTML, status: Int = 200) -> Reply {
        Reply(
            status: status, headers: [("Content-Type", "text/html; charset=utf-8")],
            body: .bytes(html.bytes))
    }

    public static func json(_ json: JSON, status: Int = 200) -> Reply {
        Reply(
            status: status, headers: [("Content-Type", "application/json")], body: .bytes(json.bytes))
    }

    /// A value in its shape.
    public static func json<T>(_ value: T, _ shape: Shape<T>, status: Int = 200) -> Reply {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4096)
        shape.write(value, to: &bytes)
        return Reply(status: status, headers: [("Content-Type", "application/json")], body: .bytes(bytes))
    }

    /// A page of a list, with members of the caller's own behind it.
    public static func json<T>(_ page: Page<T>, _ shape: Shape<T>, _ more: KeyValuePairs<String, JSON> = [:])
        -> Reply
    {
        Reply(headers: [("Content-Type", "application/json")], body: .bytes(page.bytes(shape, more)))
    }

    /// 201 with the address of what was made.
    public static func created(_ json: JSON, at path: String) -> Reply {
        Reply.json(json, status: 201).with("Location", path)
    }

    /// 303: after a form, show the page anew.
    public static func redirect(_ path: String) -> Reply {
        Reply(status: 303, headers: [("Location", path)])
    }

    public static let noContent = Reply(status: 204)

    public static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Reply {
        Reply(headers: [("Content-Type", type)], body: .bytes(Array(text.utf8)))
    }
}

/// A pointer into the program's own constant memory, which never moves or ends.
public struct UnsafeRawBufferPointerBox: @unchecked Sendable {
    public let bytes: UnsafeRawBufferPointer
    public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }
}

extension Failure {
    /// So many faults of one request are named; of more, only the count is told.
    static let told = 20

    /// The sentence for a person.
    public func sentence(_ strings: Strings) -> String { strings("error." + code, arguments) }

    /// RFC 9457, with `code` and `errors` beside the standard members.
    public func problem(_ strings: Strings, instance: String) -> JSON {
        var members: [JSON.Member] = [
            .init("type", "about:blank"), .init("status", .int(Int64(kind.rawValue))),
            .init("title", .string(strings("status.\(kind.rawValue)", [:]))),
            .init("detail", .string(sentence(strings))), .init("code", .string(code)),
            .init("instance", .string("urn:request:" + instance)),
        ]
        if !fields.isEmpty {
            members.append(
                .init(
                    "errors",
                    .array(
                        fields.prefix(Failure.told).map {
                            .make([
                                "field": .string($0.field), "code": .string($0.code),
                                "detail": .string(strings("error." + $0.code, $0.arguments)),
                            ])
                        })))
            if fields.count > Failure.told {
                members.append(.init("error_count", .int(Int64(fields.count))))
            }
        }
        return .object(members)
    }
}
