import Base
import Foundation
import Store

/// Where a route is met: a page that a person sees, or the API that a program calls. Decides how a
/// refusal is told and what protects against forged requests.
public enum Surface: Sendable { case page, api }

/// How somebody proves who they are.
public enum Credential: Sendable, Equatable {
    case none
    /// The session cookie's value.
    case session(String)
    /// A personal API token (`Authorization: Bearer`).
    case bearer(String)
}

/// Who is behind a credential, as the gatekeeper found it in the same transaction.
public struct Caller: Sendable {
    public var actor: Actor
    /// The session's secret that every form carries; nil for tokens.
    public var formToken: String?
    public var login: String
    /// When the password was last typed in this session: signed steps ask again.
    public var confirmedAt: Instant?
    /// What the person chose: `light`, `dark` or nil for the system's.
    public var theme: String?
    public var sessionID: String?
    /// Signed in with a password that somebody else made up: it is changed before anything else.
    public var mustChangePassword: Bool

    public init(
        actor: Actor, formToken: String?, login: String, confirmedAt: Instant? = nil, theme: String? = nil,
        sessionID: String? = nil, mustChangePassword: Bool = false
    ) {
        self.mustChangePassword = mustChangePassword
        self.actor = actor
        self.formToken = formToken
        self.login = login
        self.confirmedAt = confirmedAt
        self.theme = theme
        self.sessionID = sessionID
    }
}

/// One request on its way to a use case: already parsed, bounded and cleaned, nothing yet believed.
public struct Call: Sendable {
    public var method: String
    /// The path without its query.
    public var path: String
    /// The query as it came, for links that keep it.
    public var rawQuery: String
    public var parameters: [String: String]
    public var query: [(name: String, value: String)]
    public var surface: Surface
    public var headers: [String: String]
    public var remote: String
    public var content: Content
    public var caller: Caller?
    public var now: Instant
    public var language: Language
    /// Set where a page is shown again after its form was refused.
    public var failure: Failure?
    /// Random, for the log and for `problem+json`'s `instance`.
    public var requestID: String
    /// The house: its name, its pages, what every page shows.
    public var chrome: Chrome

    /// What came in the body.
    public enum Content: Sendable {
        case none
        case form([(name: String, value: String)])
        case json(JSON)
        case refused(Failure)
    }

    /// Whom tries are counted by: an IPv4 address, also where it comes mapped into IPv6, or the /64 of an
    /// IPv6 address, for one line has all addresses of that (RFC 6177, RFC 4291).
    public var network: String {
        var address = in6_addr()
        let text = remote.prefix { $0 != "%" }
        guard inet_pton(AF_INET6, String(text), &address) == 1 else { return remote }
        let bytes = withUnsafeBytes(of: &address) { Array($0) }
        if bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] {
            return bytes.suffix(4).map { String($0) }.joined(separator: ".")
        }
        return Secrets.hex(Array(bytes.prefix(8))) + "/64"
    }

    /// The sentences in the caller's language.
    public var strings: Strings { Strings.of(language) }

    /// A sentence by key.
    public func t(_ key: String) -> String { strings[key] }
    public func t(_ key: String, _ arguments: [String: String]) -> String { strings(key, arguments) }

    /// Punctuation between parts of a sentence.
    public var comma: String { language == .english ? ", " : "，" }
    public var colon: String { language == .english ? ": " : "：" }

    /// The signed-in person. Routes for signed-in people always have one.
    public func actor() throws -> Actor {
        guard let caller else { throw Failure(.unauthenticated, "unauthenticated") }
        return caller.actor
    }

    /// The zone that times are shown in.
    public var zone: Zone { caller?.actor.zone ?? .utc }

    /// A part of the path by its name in the route.
    public func parameter(_ name: String) -> String { parameters[name] ?? "" }

    public func id<K>(_ name: String = "id", _: K.Type = K.self) -> ID<K> { ID(parameter(name)) }

    /// Reads the body as a command: every field checked, all faults named at once (422).
    public func input<C: Command>(_: C.Type = C.self) throws -> C {
        var reader = try FieldReader(content: content, zone: zone, isForm: surface == .page)
        let command = C(&reader)
        try reader.finish()
        return command
    }

    /// Reads the query as a command, with the same care as a body.
    public func filter<C: Command>(_: C.Type = C.self) throws -> C {
        var reader = FieldReader(query: query, zone: zone)
        let command = C(&reader)
        try reader.finish()
        return command
    }

    /// What was typed into a field, to show it again.
    public func typed(_ field: String) -> String? {
        guard case .form(let fields) = content else { return nil }
        return fields.last { $0.name == field }?.value
    }

    /// All values that came for a field of boxes.
    public func allTyped(_ field: String) -> [String] {
        guard case .form(let fields) = content else { return [] }
        return fields.filter { $0.name == field && !$0.value.isEmpty }.map(\.value)
    }

    /// What is wrong with a field, as a sentence; nil where nothing is.
    public func fault(_ field: String) -> String? {
        guard let f = failure?.fields.first(where: { $0.field == field }) else { return nil }
        return strings("error." + f.code, f.arguments)
    }

    /// The value of a query parameter; the last where it is repeated.
    public func queryValue(_ name: String) -> String? { query.last { $0.name == name }?.value }
}
