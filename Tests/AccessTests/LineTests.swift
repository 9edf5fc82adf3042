import Base
import Foundation
import People
import Store
import TestKit
import Testing
import Web

@testable import fettle

/// What a line may do to the server, on sockets of their own. Nobody waits here for a time: a test goes on
/// when the server closes the line.
@Suite(.timeLimit(.minutes(2))) struct LineTests {
    /// Serves the workshop a second time, with limits of a test.
    private func serve(
        _ w: Workshop, _ limits: LineLimits, _ body: @Sendable (HTTPClient) async throws -> Void
    ) async throws {
        let dispatcher = Composition.dispatcher(w.house.store) { _ in }
        try await House.serving(dispatcher, limits, body)
    }

    /// What the server said before it closed; empty where it said nothing.
    private func heard(_ client: HTTPClient, _ text: String) async throws -> String {
        do {
            let reply = try await client.raw(Array(text.utf8))
            return "\(reply.status) \(reply.text)"
        } catch is HTTPClient.Failed { return "" }
    }

    /// An attacker's idle, half-headed and half-bodied lines stayed open for minutes.
    @Test func linesThatKeepUsWaitingAreClosed() async throws {
        let w = try await Workshop.open()
        let bearer = "Authorization: Bearer \(w.tokens["customer"] ?? "")"
        let tiny = LineLimits(
            head: .seconds(1), idle: .seconds(1), body: .seconds(1), bodyBytes: 64, answer: .seconds(1))
        try await serve(w, tiny) { client in
            #expect(try await heard(client, "") == "", "idle")
            #expect(
                try await heard(client, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b") == "", "half a head")
            #expect(
                try await heard(client, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("200 "),
                "idle after an answer")
            let head =
                "POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n"
            let part = String(repeating: " ", count: 1000)
            let half = try await heard(client, "\(head)\(bearer)\r\n\r\n{\"title\"\(part)")
            #expect(half == "" || half.hasPrefix("400 "), "half a body: \(half)")
            #expect(
                try await heard(client, "\(head)\r\n{\"title\"\(part)").hasPrefix("401 "),
                "nobody's body is not waited for")
        }
        try await w.house.close()
    }

    /// The credential comes before the content, and what is declared too long is not begun.
    @Test func theContentIsReadForThoseWhoMayKnock() async throws {
        let w = try await Workshop.open()
        let long = [UInt8](repeating: 0x20, count: 2 << 20)
        let json = ("Content-Type", "application/json")
        let nobody = try await w.client.send("POST", "/api/v1/tickets", headers: [json], body: long)
        #expect(nobody.status == 401)
        let wrong = try await w.client.send(
            "POST", "/api/v1/tickets", headers: [json, ("Authorization", "Bearer nonsense")], body: long)
        #expect(wrong.status == 401)
        let bearer = ("Authorization", "Bearer \(w.tokens["customer"] ?? "")")
        let known = try await w.client.send("POST", "/api/v1/tickets", headers: [json, bearer], body: long)
        #expect(known.status == 413)
        // Not a byte of it comes, and the answer is there.
        let declared = try await w.client.send(
            "POST", "/api/v1/tickets",
            headers: [json, bearer, ("Content-Length", "2000000"), ("Connection", "close")])
        #expect(declared.status == 413)
        try await w.house.close()
    }

    @Test func theProtocolsEdges() async throws {
        let w = try await Workshop.open()
        let bearer = "Authorization: Bearer \(w.tokens["customer"] ?? "")"
        let post = "POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\(bearer)"
        let cases: [(String, String, Int)] = [
            ("no host", "GET /healthz HTTP/1.1\r\n\r\n", 400),
            ("two hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            ("one host", "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200),
            ("1.0", "GET /healthz HTTP/1.0\r\n\r\n", 200),
            ("1.0 that would stay", "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200),
            ("chunk size", post + "\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n", 400),
            ("coding", post + "\r\nTransfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
        ]
        let quick = LineLimits(head: .seconds(2), idle: .seconds(2), body: .seconds(2))
        try await serve(w, quick) { client in
            for (name, text, status) in cases {
                let said = try await heard(client, text)
                #expect(said.hasPrefix("\(status) "), "\(name): \(said)")
            }
        }
        let other = try await w.client.send("PATCH", "/healthz")
        #expect(other.status == 405)
        for path in ["/healthz", "/tickets/1", "/api/v1/tickets/1", "/admin/accounts"] {
            let allow = try await w.client.send("PROPFIND", path).header("allow") ?? ""
            let words = allow.components(separatedBy: ", ")
            #expect(words.count == Set(words).count && words.contains("GET"), "\(path): \(allow)")
        }
        try await w.house.close()
    }

    @Test func aVersionThatIsHeldIsNotSentAgain() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        let first = try await w.api("customer").get("/tickets/\(number)")
        let tag = try #require(first.header("etag"))
        for (asked, status) in [
            (tag, 304), ("W/\(tag)", 304), ("\"other\", \(tag)", 304), ("W/\"9\",W/\(tag)", 304), ("*", 304),
            ("\"other\"", 200), ("", 200),
        ] {
            let reply = try await w.api("customer").get(
                "/tickets/\(number)", headers: [("If-None-Match", asked)])
            #expect(reply.status == status, "\(asked)")
        }
        #expect(
            try await w.api("customer2").get("/tickets/\(number)", headers: [("If-None-Match", "*")]).status
                == 404)
        try await w.house.close()
    }

    /// Whoever goes away in the middle is no fault of ours.
    @Test func aHangUpIsNoErrorInTheLog() async throws {
        let w = try await Workshop.open()
        let said = Locked<[String]>([])
        let dispatcher = Composition.dispatcher(w.house.store) { line in said.withLock { $0.append(line) } }
        let reply = await dispatcher.respond(
            .init(
                method: "POST", target: "/api/v1/tickets",
                headers: [
                    "authorization": "Bearer \(w.tokens["customer"] ?? "")",
                    "content-type": "application/json", "content-length": "20",
                ], remote: "127.0.0.1", body: .init { throw CancellationError() }))
        #expect(reply.status == 503)
        #expect(said.withLock { $0 } == [])
        try await w.house.close()
    }

    /// 90,000 unknown fields were answered with 6.8 MB.
    @Test func aFloodOfFaultsGetsAShortAnswer() async throws {
        let w = try await Workshop.open()
        let members = (0..<50_000).map { JSON.Member("f\($0)", 1) }
        let reply = try await w.api("customer").post("/tickets", .object(members))
        #expect(reply.status == 422)
        #expect(reply.body.count < 10_000, "\(reply.body.count)")
        #expect(reply.json["errors"]?.array?.count == 20)
        #expect((reply.json["error_count"]?.int ?? 0) >= 50_000)
        let few = try await w.api("customer").post("/tickets", ["nonsense": 1])
        #expect(few.json["error_count"] == nil)
        try await w.house.close()
    }

    // MARK: Live streams

    private func listen(_ dispatcher: Dispatcher, _ token: String?) async -> Reply {
        await dispatcher.respond(
            .init(
                method: "GET", target: "/api/v1/events",
                headers: ["authorization": "Bearer \(token ?? "")"], remote: "127.0.0.1",
                body: .init { nil }))
    }

    @Test func oneAccountHoldsSoManyStreams() async throws {
        let w = try await Workshop.open()
        let kit = Kit(
            store: w.house.store, gatekeeper: People.gatekeeper(),
            streams: OpenStreams(perAccount: 2, inAll: 3))
        let dispatcher = Dispatcher(routes: Areas.routes(), kit: kit, chrome: Areas.chrome()) { _ in }
        var open: [AsyncStream<JSON>] = []
        for _ in 0..<3 {
            let reply = await listen(dispatcher, w.tokens["customer"])
            guard case .events(let stream) = reply.body else {
                Issue.record("refused: \(reply.status)")
                return
            }
            open.append(stream)
        }
        // The oldest made room: it ends.
        for await _ in open[0] {}
        let other = await listen(dispatcher, w.tokens["customer2"])
        #expect(other.status == 200)
        let full = await listen(dispatcher, w.tokens["engineer"])
        #expect(full.status == 429)
        #expect(full.headers.contains { $0.0 == "Retry-After" })
        try await w.house.close()
    }

    @Test func aStreamEndsWithTheRightToIt() async throws {
        let w = try await Workshop.open()
        let client = w.client
        let token = w.tokens["customer"] ?? ""
        let hub = w.house.store.hub
        func opened(_ headers: [(String, String)]) async -> Task<HTTPClient.Response, any Error> {
            let before = hub.listenerCount
            let stream = Task { try await client.send("GET", "/api/v1/events", headers: headers) }
            while hub.listenerCount == before { await Task.yield() }
            return stream
        }
        let session = try await w.signIn("engineer")
        let cookie = await opened([("Cookie", "fettle_session=\(session.cookie)")])
        let bearer = await opened([("Authorization", "Bearer \(token)")])
        #expect(try await session.post("/sign-out", "").status == 303)
        #expect(try await cookie.value.status == 200, "signed out: it has ended")
        let gone = try await w.api("administrator").post("/admin/accounts/\(w.id("customer"))/disabling")
        #expect(gone.status == 200)
        #expect(try await bearer.value.status == 200, "disabled: it has ended")
        try await w.house.close()
    }
}
