import Base
import Foundation
import Store

/// A request as it came off the line, before anything in it is believed.
public struct Arrival: Sendable {
    public var method: String
    /// Path and query as sent.
    public var target: String
    /// Names in lower case; a repeated one joined with a comma.
    public var headers: [String: String]
    public var remote: String
    public var body: Incoming

    public init(method: String, target: String, headers: [String: String], remote: String, body: Incoming) {
        self.method = method
        self.target = target
        self.headers = headers
        self.remote = remote
        self.body = body
    }
}

/// Takes a request from its arrival to its reply: finds the route, reads and bounds the content, opens
/// the one transaction, finds the caller in it, keeps the order of refusals, and tells every refusal in
/// the caller's language.
public struct Dispatcher: Sendable {
    public let routes: [Route]
    public let kit: Kit
    public let chrome: Chrome
    let index: RouteIndex
    let log: @Sendable (String) -> Void

    public init(routes: [Route], kit: Kit, chrome: Chrome, log: @escaping @Sendable (String) -> Void) {
        self.routes = routes
        self.kit = kit
        self.chrome = chrome
        self.log = log
        index = RouteIndex(routes)
    }

    public func respond(_ arrival: Arrival) async -> Reply {
        let target = arrival.target
        let mark = target.utf8.firstIndex(of: 0x3F)
        let rawPath = String(target[..<(mark ?? target.endIndex)])
        let rawQuery = mark.map { String(target[target.utf8.index(after: $0)...]) } ?? ""
        var call = blank(arrival, path: rawPath, rawQuery: rawQuery)
        guard let path = Dispatcher.segments(rawPath) else {
            return await refuse(call, Failure(.malformed, "path.malformed"), credential: .none)
        }
        let credential = Dispatcher.credential(arrival)
        switch index.match(method: arrival.method, path: path) {
        case .none:
            return await refuse(call, .notFound(), credential: credential)
        case .otherMethods(let methods):
            let allow = (methods.contains("GET") ? methods + ["HEAD"] : methods).joined(separator: ", ")
            return await refuse(
                call, Failure(.methodNotAllowed, "method_not_allowed"), credential: credential
            )
            .with("Allow", allow)
        case .found(let route, let parameters):
            call.parameters = parameters
            call.surface = route.surface
            do {
                call.query = try FormBody.parse(rawQuery).fields.map {
                    ($0.name, Strings.plain($0.value))
                }
            } catch {
                return await refuse(call, Failure(.malformed, "query.malformed"), credential: credential)
            }
            return await run(route, call, credential, arrival)
        }
    }

    // MARK: Running a route

    private func run(_ route: Route, _ first: Call, _ credential: Credential, _ arrival: Arrival) async
        -> Reply
    {
        var call = first
        let seen = Locked<Caller?>(nil)
        do {
            if route.maxBody > 0, Dispatcher.readsContent(route, arrival) {
                // Nothing is read for somebody who may not knock at all.
                if route.door != .everyone {
                    let prepared = call
                    _ = try await kit.store.read(by: .system("web")) { tx in
                        try greet(prepared, route, credential, arrival, tx, seen)
                    }
                }
                call.content = try await content(route, arrival)
            }
            let prepared = call
            switch route.work {
            case .read(let body):
                return try await kit.store.read(by: .system("web")) { tx in
                    let call = try admit(prepared, route, credential, arrival, tx, seen)
                    return counted(try body(call, tx), tx)
                }
            case .write(let body):
                return try await kit.store.write(by: .system("web")) { tx in
                    let call = try admit(prepared, route, credential, arrival, tx, seen)
                    var content: [UInt8] = []
                    if case .json(let json) = call.content { json.write(to: &content) }
                    return try call.once(content, tx) {
                        let reply = counted(try body(call, tx), tx)
                        // Also where no field of it is asked for: what can't be read is no content.
                        if call.surface == .api, case .refused(let failure) = call.content { throw failure }
                        return reply
                    }
                }
            case .free(let body):
                let call = try await kit.store.read(by: .system("web")) { tx in
                    try admit(prepared, route, credential, arrival, tx, seen)
                }
                return try await body(call, kit, Dispatcher.bounded(arrival, route.maxBody))
            }
        } catch let again as Replayed {
            return again.reply
        } catch {
            let failure = self.failure(error, call)
            call.caller = seen.withLock { $0 }
            if let again = route.again, Dispatcher.isShownAgain(failure, route, call.caller),
                let reply = await show(again, call, failure, credential)
            {
                return reply
            }
            return await refuse(call, failure, credential: credential)
        }
    }

    /// For the bench: how many statements the answer took.
    private func counted(_ reply: Reply, _ tx: Transaction) -> Reply {
        kit.tellsStatements ? reply.with("X-Statements", String(tx.statements)) : reply
    }

    /// Finds the caller, and whether they may knock: 401, a password that is to be changed first.
    private func greet(
        _ prepared: Call, _ route: Route, _ credential: Credential, _ arrival: Arrival, _ tx: Transaction,
        _ seen: Locked<Caller?>
    ) throws -> Call {
        var call = prepared
        call.now = tx.now
        if credential != .none, let caller = try kit.gatekeeper.caller(credential, tx) {
            call.caller = caller
            seen.withLock { $0 = caller }
            tx.act(as: caller.actor)
        }
        call.language = Dispatcher.language(arrival.headers, call)
        if route.door != .everyone, call.caller == nil {
            throw Failure(.unauthenticated, credential == .none ? "unauthenticated" : "session.ended")
        }
        if route.door == .signedIn, call.caller?.mustChangePassword == true {
            throw Failure.forbidden("password.must_change")
        }
        return call
    }

    /// What comes before the use case: who it is, forged forms, coarse roles.
    private func admit(
        _ prepared: Call, _ route: Route, _ credential: Credential, _ arrival: Arrival, _ tx: Transaction,
        _ seen: Locked<Caller?>
    ) throws -> Call {
        let call = try greet(prepared, route, credential, arrival, tx, seen)
        if route.method != "GET", route.method != "HEAD" {
            try Dispatcher.checkOrigin(arrival, call, credential, route)
        }
        if !route.roles.isEmpty, !(call.caller?.actor.hasAny(route.roles) ?? false) {
            throw Failure.forbidden("forbidden.role")
        }
        return call
    }

    /// A form is believed only from our own pages: the browser says so (`Sec-Fetch-Site`, `Origin`) and
    /// the form carries the session's secret. A bearer token can't be sent by a forged page.
    private static func checkOrigin(
        _ arrival: Arrival, _ call: Call, _ credential: Credential, _ route: Route
    ) throws {
        if case .bearer = credential { return }
        if let site = arrival.headers["sec-fetch-site"], site != "same-origin", site != "none" {
            throw Failure.forbidden("forged")
        }
        if let origin = arrival.headers["origin"], origin != "null" || route.door != .everyone {
            let host = arrival.headers["host"] ?? ""
            guard origin == "http://\(host)" || origin == "https://\(host)" else {
                throw Failure.forbidden("forged")
            }
        }
        // Fields of an upload come behind its files: the route reads them and calls `requireSecret`.
        if route.takesFiles,
            (arrival.headers["content-type"] ?? "").lowercased().hasPrefix("multipart/"),
            arrival.headers["x-form-token"] == nil, route.surface == .page
        {
            return
        }
        try call.requireSecret(call.typed("_form"))
    }

    // MARK: Refusals

    private func failure(_ error: any Error, _ call: Call) -> Failure {
        switch error {
        case let f as Failure:
            if f.kind == .internal { log("\(call.requestID) \(call.method) \(call.path): \(f.code)") }
            return f
        case let e as EngineError:
            log("\(call.requestID) \(call.method) \(call.path): \(e.message)")
            switch e.kind {
            case .busy: return Failure(.unavailable, "busy", retryAfterS: 1)
            case .diskFull: return Failure(.unavailable, "disk_full", retryAfterS: 30)
            case .unknownCommit: return Failure(.unavailable, "unknown_commit", retryAfterS: 1)
            case .uniqueViolation: return .conflict("exists")
            case .unavailable: return Failure(.unavailable, "store_away", retryAfterS: 2)
            case .corrupt, .unsuitable, .other: return Failure(.internal, "internal")
            }
        case is CancellationError:
            // The caller hung up, or the server stops: nobody's fault.
            return Failure(.unavailable, "busy", retryAfterS: 1)
        default:
            log("\(call.requestID) \(call.method) \(call.path): \(error)")
            return Failure(.internal, "internal")
        }
    }

    /// Whether the form's own page tells the refusal, with what was typed. A forged form gets no page
    /// with its words in it, and nobody a page whose door is closed to them.
    private static func isShownAgain(_ failure: Failure, _ route: Route, _ caller: Caller?) -> Bool {
        switch failure.kind {
        case .invalid, .conflict, .tooMany, .preconditionFailed, .preconditionRequired: return true
        case .forbidden:
            guard failure.code != "forged", failure.code != "password.must_change" else { return false }
            return route.roles.isEmpty || (caller?.actor.hasAny(route.roles) ?? false)
        default: return false
        }
    }

    private func show(
        _ again: @escaping @Sendable (Call, Transaction) throws -> Reply, _ prepared: Call,
        _ failure: Failure,
        _ credential: Credential
    ) async -> Reply? {
        var reply = try? await kit.store.read(by: .system("web")) { tx in
            var call = prepared
            call.now = tx.now
            call.failure = failure
            if let caller = try kit.gatekeeper.caller(credential, tx) {
                call.caller = caller
                tx.act(as: caller.actor)
                call.language = caller.actor.language
            }
            return try again(call, tx)
        }
        if let seconds = failure.retryAfterS { reply?.headers.append(("Retry-After", String(seconds))) }
        if reply?.status == 200 { reply?.status = failure.kind.rawValue }
        return reply
    }

    private func refuse(_ call: Call, _ failure: Failure, credential: Credential) async -> Reply {
        var call = call
        if call.caller == nil, call.surface == .page, failure.kind != .unauthenticated, credential != .none {
            call.caller = try? await kit.store.read(by: .system("web")) { tx in
                try kit.gatekeeper.caller(credential, tx)
            }
        }
        call.language = Dispatcher.language(call.headers, call)
        var reply: Reply
        if call.surface == .api {
            reply = Reply(
                status: failure.kind.rawValue, headers: [("Content-Type", "application/problem+json")],
                body: .bytes(failure.problem(call.strings, instance: call.requestID).bytes))
            if failure.kind == .unauthenticated { reply = reply.with("WWW-Authenticate", "Bearer") }
        } else if failure.kind == .unauthenticated {
            let back =
                call.method == "GET" ? call.path + (call.rawQuery.isEmpty ? "" : "?" + call.rawQuery) : "/"
            reply = .redirect("/sign-in" + (back == "/" ? "" : "?next=" + FormBody.encode(back)))
        } else if failure.code == "password.must_change" {
            reply = .redirect(Dispatcher.passwordPage)
        } else {
            let shown = call
            reply =
                (try? await kit.store.read(by: .system("web")) { tx in
                    if let caller = shown.caller { tx.act(as: caller.actor) }
                    return try ErrorPage.reply(shown, failure, tx)
                }) ?? ErrorPage.bare(call, failure)
        }
        if let seconds = failure.retryAfterS { reply = reply.with("Retry-After", String(seconds)) }
        return reply
    }

    // MARK: Reading

    /// Whether the content is read before the route runs. A free route takes its own from the line
    /// piece by piece, except the fields of a plain form: those carry the session's secret.
    private static func readsContent(_ route: Route, _ arrival: Arrival) -> Bool {
        switch route.work {
        case .read: false
        case .write: true
        case .free:
            route.surface == .page
                && (arrival.headers["content-type"] ?? "").lowercased().hasPrefix(
                    "application/x-www-form-urlencoded")
        }
    }

    private func blank(_ arrival: Arrival, path: String, rawQuery: String) -> Call {
        var call = Call(
            method: arrival.method, path: path, rawQuery: rawQuery, parameters: [:], query: [],
            surface: path.hasPrefix("/api/") ? .api : .page, headers: arrival.headers, remote: arrival.remote,
            content: .none, caller: nil, now: kit.store.clock(), language: .simplifiedChinese, failure: nil,
            requestID: Secrets.hex(Secrets.random(8)), chrome: chrome)
        call.language = Dispatcher.language(arrival.headers, call)
        return call
    }

    private func content(_ route: Route, _ arrival: Arrival) async throws -> Call.Content {
        let type = (arrival.headers["content-type"] ?? "").split(separator: ";").first.map {
            String($0).trimmed.lowercased()
        }
        // Only files may be long, and those are never held in memory.
        let bytes = try await Dispatcher.bounded(arrival, min(route.maxBody, 1 << 20)).all()
        if bytes.isEmpty { return .none }
        // Told only after 401, 404 and 403: what is wrong with the content is the last question.
        switch (route.surface, type) {
        case (.api, "application/json"):
            do { return .json(try JSON.parse(bytes)) } catch let f as Failure { return .refused(f) }
        case (.page, "application/x-www-form-urlencoded"):
            do {
                return .form(try FormBody.parse(bytes).fields.map { ($0.name, $0.value) })
            } catch let f as Failure { return .refused(f) }
        default: return .refused(Failure(.unsupportedMedia, "media_type"))
        }
    }

    /// The content up to a limit; what says of itself that it is longer is not begun.
    private static func bounded(_ arrival: Arrival, _ limit: Int) -> Incoming {
        let read = Locked(0)
        let declared = arrival.headers["content-length"].flatMap { Int($0) } ?? 0
        return Incoming {
            guard declared <= limit else {
                throw Failure(.tooLarge, "body.too_large", ["limit": String(limit)])
            }
            guard let piece = try await arrival.body.next() else { return nil }
            let total = read.withLock { n in
                n += piece.count
                return n
            }
            guard total <= limit else { throw Failure(.tooLarge, "body.too_large", ["limit": String(limit)]) }
            return piece
        }
    }

    static func credential(_ arrival: Arrival) -> Credential { credential(arrival.headers) }

    /// What the headers of a request prove who it comes from.
    public static func credential(_ headers: [String: String]) -> Credential {
        if let header = headers["authorization"] {
            let parts = header.split(separator: " ", maxSplits: 1)
            // Any other scheme is a wrong credential, not an absent one.
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return .bearer("") }
            return .bearer(String(parts[1]).trimmed)
        }
        if let header = headers["cookie"], let value = Cookies(header: header)[sessionCookie] {
            return .session(value)
        }
        return .none
    }

    /// The name of the session cookie.
    public static let sessionCookie = "fettle_session"
    /// Where a password that is to be changed is changed.
    public static let passwordPage = "/me/password"
    /// The language chosen before signing in.
    public static let languageCookie = "fettle_language"

    /// Pages speak the account's language; the API what `Accept-Language` asks for, else the account's.
    private static func language(_ headers: [String: String], _ call: Call) -> Language {
        if let caller = call.caller, call.surface == .page { return caller.actor.language }
        let asked = headers["accept-language"].flatMap(Language.init(acceptLanguage:))
        if call.surface == .api { return asked ?? call.caller?.actor.language ?? .simplifiedChinese }
        let chosen = headers["cookie"].flatMap { Cookies(header: $0)[languageCookie] }
            .flatMap(Language.init(rawValue:))
        return chosen ?? asked ?? .simplifiedChinese
    }

    /// Path segments, percent-decoded; nil where they are malformed or hold NUL or a slash.
    static func segments(_ path: String) -> [String]? {
        guard path.hasPrefix("/"), path.utf8.count <= 2000 else { return nil }
        var out: [String] = []
        for part in path.utf8.split(separator: 0x2F) {
            guard part.contains(0x25) else {
                out.append(String(Substring(part)))
                continue
            }
            // A plus stays a plus in a path; a form's decoder would make it a space.
            guard let text = Substring(part).removingPercentEncoding, !text.utf8.contains(0),
                !text.contains("/")
            else { return nil }
            out.append(text)
        }
        return out
    }
}
