import Base
import Foundation
import People
import Store
import StoreSQLite
import TestKit
import Testing
import Web

@testable import fettle

/// Items 57, 58 and 60 of the abuse list.
@Suite struct AbusePlatformTests {
    /// What comes from outside makes no lines of its own in titles, logs, headers or histories.
    @Test func abuse57LogAndHeaderInjection() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter(title: "Line one\r\nERROR: forged\u{2028}line\u{85}end")
        let title = try await w.ticket("customer", number)["title"]?.string ?? ""
        let breaks = title.filter(\.isNewline)
        #expect(breaks.isEmpty, "\(title.debugDescription)")
        for path in [
            "/api/v1/tickets/a%0d%0aSet-Cookie:%20x=1", "/sign-in?next=%0d%0aSet-Cookie:%20x=1", "/a%0d%0aB",
        ] {
            let reply = try await w.client.send("GET", path)
            #expect(reply.status < 500)
            #expect(reply.header("Set-Cookie") == nil, "\(path)")
        }
        let agent = try await w.client.send(
            "POST", "/sign-in",
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("User-Agent", "x\u{1b}[31m<script>"),
            ], body: Array("login=customer&password=correct+horse+42".utf8))
        #expect(agent.status < 500)
        try await w.house.close()
    }

    /// Every tampering with the history is found.
    @Test(arguments: ["delete", "reorder", "rewrite"])
    func abuse58AuditRowsTampered(_ how: String) async throws {
        let w = try await Workshop.open()
        let (number, id) = try await w.enter()
        try await w.bringToWork(number)
        #expect(try await w.history() == [])
        try await w.house.store.write(by: .system("intruder")) { tx in
            switch how {
            case "delete": try tx.run("delete from history where subject_id = \(id) and number = 2")
            case "reorder":
                try tx.run("update history set number = -1 where subject_id = \(id) and number = 1")
                try tx.run("update history set number = 1 where subject_id = \(id) and number = 2")
                try tx.run("update history set number = 2 where subject_id = \(id) and number = -1")
            default:
                try tx.run("update history set actor_name = 'nobody' where subject_id = \(id) and number = 2")
            }
        }
        #expect(try await w.history().isEmpty == false, "\(how)")
        try await w.house.close()
    }

    @Test func abuse60ParametersRepeated() async throws {
        let w = try await Workshop.open()
        for path in [
            "/tickets?q=a&q=b", "/search?q=a&q=b", "/notifications?limit=1&limit=1", "/tasks?open=1&open=0",
        ] {
            #expect(try await w.api("customer").get(path).status == 422, "\(path)")
        }
        let form = try await w.page(
            "customer", "POST", "/me", form: "language=en&language=zh-Hans&time_zone=UTC&theme=light")
        #expect(form.status == 422)
        let length = try await w.client.raw(
            Array(
                "POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{}x"
                    .utf8))
        #expect(length.status == 400 || length.status == 401)
        try await w.house.close()
    }
}

/// Live changes: what a listener may not see, it does not hear of.
@Suite struct EventTests {
    @Test func onlyVisibleChangesAreTold() async throws {
        let s = try await Scene.open()
        let w = s.w
        let dispatcher = Composition.dispatcher(w.house.store) { _ in }
        func listen(_ who: String) async throws -> AsyncStream<JSON>.Iterator {
            let reply = await dispatcher.respond(
                .init(
                    method: "GET", target: "/api/v1/events",
                    headers: ["authorization": "Bearer \(w.tokens[who] ?? "")"], remote: "127.0.0.1",
                    body: .init { nil }))
            guard case .events(let stream) = reply.body else {
                throw Failure(.internal, "events.refused")
            }
            return stream.makeAsyncIterator()
        }
        var mine = try await listen("customer")
        var theirs = try await listen("customer2")
        try await w.take("engineer", s.worked, "responses", ["body": "On our way"], expect: 201)
        try await w.take("customer2", s.foreign, "responses", ["body": "Thanks"], expect: 201)
        func tickets(_ iterator: inout AsyncStream<JSON>.Iterator) async -> String? {
            while let change = await iterator.next() {
                if change["kind"]?.string == "ticket" { return change["number"]?.string }
            }
            return nil
        }
        #expect(await tickets(&mine) == s.worked)
        // The first that the other hears of is its own, though ours came before.
        #expect(await tickets(&theirs) == s.foreign)
        try await s.close()
    }
}
