import Base
import Store

/// One entry of the route table: what is met where, by whom, and what it does. The same table serves
/// the requests, walks in the access test and writes the OpenAPI document.
public struct Route: Sendable {
    /// Who may knock at all; what they may do is decided by the use case.
    public enum Door: Sendable {
        case everyone
        case signedIn
        /// Also with a password that is to be changed first: changing it.
        case anyPassword
    }

    public enum Work: Sendable {
        /// Runs in a read transaction.
        case read(@Sendable (Call, Transaction) throws -> Reply)
        /// Runs in a write transaction; commits only if it returns.
        case write(@Sendable (Call, Transaction) throws -> Reply)
        /// Runs outside any transaction: sign-in (Argon2id), uploads, downloads, events.
        case free(@Sendable (Call, Kit, Incoming) async throws -> Reply)
    }

    public var method: String
    /// `/tickets/{id}/approval`.
    public var path: String
    public var surface: Surface
    public var door: Door
    /// Any of these roles; empty where the use case alone decides. Checked before anything is loaded,
    /// so only for pages whose very existence is no secret.
    public var roles: Roles
    public var work: Work
    public var doc: Doc
    /// Bytes of body that are read at most.
    public var maxBody: Int
    /// Reads a form with files itself, and then looks for the session's secret behind them.
    public var takesFiles = false
    /// Page forms: shows the page again with `call.failure` set when the command is refused.
    public var again: (@Sendable (Call, Transaction) throws -> Reply)?

    public struct Doc: Sendable {
        public var summary: String
        public var tag: String
        public var body: (any Command.Type)?
        public var query: (any Command.Type)?
        public var answer: AnswerSchema
        public var status: Int
        public var isUpload = false
        public var needsMatch = false

        public init(
            _ summary: String, tag: String, body: (any Command.Type)? = nil,
            query: (any Command.Type)? = nil, answer: AnswerSchema = .any(), status: Int = 200
        ) {
            self.summary = summary
            self.tag = tag
            self.body = body
            self.query = query
            self.answer = answer
            self.status = status
        }
    }

    var segments: [Segment] { Segment.parse(path) }
}

enum Segment: Sendable, Equatable {
    case word(String)
    case parameter(String)
    /// The rest of the path, only at the end.
    case rest(String)

    static func parse(_ path: String) -> [Segment] {
        path.split(separator: "/").map { part in
            if part.hasPrefix("{"), part.hasSuffix("*}") {
                .rest(String(part.dropFirst().dropLast(2)))
            } else if part.hasPrefix("{"), part.hasSuffix("}") {
                .parameter(String(part.dropFirst().dropLast()))
            } else {
                .word(String(part))
            }
        }
    }
}

/// The table as it is put together: each area adds its routes.
public struct Routes: Sendable {
    public private(set) var all: [Route] = []

    public init() {}

    public mutating func add(_ route: Route) { all.append(route) }

    /// A page that a signed-in person reads.
    public mutating func page(
        _ path: String, roles: Roles = [], door: Route.Door = .signedIn,
        _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
    ) {
        add(
            Route(
                method: "GET", path: path, surface: .page, door: door, roles: roles, work: .read(body),
                doc: .init("", tag: ""), maxBody: 0))
    }

    /// A form of a page. Where it is refused, `again` shows the page with what was typed and what is
    /// wrong; without one, an error page says it.
    public mutating func form(
        _ path: String, roles: Roles = [], door: Route.Door = .signedIn,
        again: (@Sendable (Call, Transaction) throws -> Reply)? = nil,
        _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
    ) {
        add(
            Route(
                method: "POST", path: path, surface: .page, door: door, roles: roles, work: .write(body),
                doc: .init("", tag: ""), maxBody: door == .everyone ? 16 << 10 : 1 << 20, again: again))
    }

    /// An API route that reads. `path` without `/api/v1`.
    public mutating func get(
        _ path: String, roles: Roles = [], door: Route.Door = .signedIn, _ doc: Route.Doc,
        _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
    ) {
        add(
            Route(
                method: "GET", path: "/api/v1" + path, surface: .api, door: door, roles: roles,
                work: .read(body), doc: doc, maxBody: 0))
    }

    /// An API route that changes something.
    public mutating func change(
        _ method: String, _ path: String, roles: Roles = [], _ doc: Route.Doc,
        _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
    ) {
        add(
            Route(
                method: method, path: "/api/v1" + path, surface: .api, door: .signedIn, roles: roles,
                work: .write(body), doc: doc, maxBody: 1 << 20))
    }

    /// A step met on both surfaces by one function: `POST /api/v1<path>` with JSON and `POST <path>`
    /// with a page's form.
    public mutating func step(
        _ path: String, roles: Roles = [], _ doc: Route.Doc,
        again: (@Sendable (Call, Transaction) throws -> Reply)? = nil,
        _ body: @escaping @Sendable (Call, Transaction) throws -> Reply
    ) {
        change("POST", path, roles: roles, doc, body)
        form(path, roles: roles, again: again, body)
    }

    /// A route outside any transaction.
    public mutating func free(
        _ method: String, _ path: String, surface: Surface, door: Route.Door = .signedIn,
        _ doc: Route.Doc = .init("", tag: ""), maxBody: Int = 1 << 20, takesFiles: Bool = false,
        again: (@Sendable (Call, Transaction) throws -> Reply)? = nil,
        _ body: @escaping @Sendable (Call, Kit, Incoming) async throws -> Reply
    ) {
        add(
            Route(
                method: method, path: (surface == .api ? "/api/v1" : "") + path, surface: surface,
                door: door, roles: [], work: .free(body), doc: doc, maxBody: maxBody, takesFiles: takesFiles,
                again: again))
    }
}

/// The table made ready to be searched: by first word, then by number of segments.
struct RouteIndex: Sendable {
    /// A class, so that a search copies none of them.
    private final class Entry: Sendable {
        let segments: [Segment]
        let route: Route

        init(segments: [Segment], route: Route) {
            self.segments = segments
            self.route = route
        }
    }

    private var buckets: [String: [Entry]] = [:]

    init(_ routes: [Route]) {
        for route in routes {
            let segments = route.segments
            buckets[RouteIndex.bucket(segments), default: []].append(Entry(segments: segments, route: route))
        }
        // A word goes before a parameter: /tickets/new before /tickets/{id}.
        for key in buckets.keys {
            buckets[key]?.sort { a, b in RouteIndex.weight(a.segments) < RouteIndex.weight(b.segments) }
        }
    }

    private static func bucket(_ segments: [Segment]) -> String {
        var words: [String] = []
        for s in segments {
            guard case .word(let w) = s, words.count < 3 else { break }
            words.append(w)
        }
        // API paths share two words; the third tells them apart.
        return words.first == "api" ? words.joined(separator: "/") : words.first ?? ""
    }

    private static func weight(_ segments: [Segment]) -> String {
        String(
            segments.map { s in
                switch s {
                case .word: "0"
                case .parameter: "1"
                case .rest: "2"
                }
            })
    }

    enum Match {
        case found(Route, [String: String])
        case otherMethods([String])
        case none
    }

    func match(method: String, path: [String]) -> Match {
        let key =
            path.first == "api" ? path.prefix(3).joined(separator: "/") : path.first ?? ""
        var others: [String] = []
        for bucket in path.first == "api" ? [key] : [key, ""] {
            for entry in buckets[bucket] ?? [] {
                guard let parameters = RouteIndex.bind(entry.segments, path) else { continue }
                if entry.route.method == method || (method == "HEAD" && entry.route.method == "GET") {
                    return .found(entry.route, parameters)
                }
                if !others.contains(entry.route.method) { others.append(entry.route.method) }
            }
        }
        return others.isEmpty ? .none : .otherMethods(others)
    }

    private static func bind(_ segments: [Segment], _ path: [String]) -> [String: String]? {
        var out: [String: String] = [:]
        for (i, s) in segments.enumerated() {
            switch s {
            case .rest(let name):
                guard i < path.count else { return nil }
                out[name] = path[i...].joined(separator: "/")
                return out
            case .word(let w): guard i < path.count, path[i] == w else { return nil }
            case .parameter(let name):
                guard i < path.count, !path[i].isEmpty else { return nil }
                out[name] = path[i]
            }
        }
        return segments.count == path.count ? out : nil
    }
}

extension String {
    fileprivate init(_ parts: [String]) { self = parts.joined() }
}
