import Base
import Foundation
import People
import Store
import StoreSQLite
import TestKit
import Testing
import Web

@testable import Tickets
@testable import fettle

/// Items 57, 58 and 60 of the abuse list.
@Suite struct AbusePlatformTests {
    /// What comes from outside makes no lines of its own in titles, headers or histories. The log of the
    /// program itself is read where the program runs.
    @Test func abuse57LinesAndHeadersOfItsOwn() async throws {
        let w = try await Workshop.open()
        let (number, id) = try await w.enter(title: "Line one\r\nERROR: forged\u{2028}line\u{85}end\u{1B}[2J")
        let title = try await w.ticket("customer", number)["title"]?.string ?? ""
        #expect(title == "Line one ERROR: forged line end[2J", "\(title.debugDescription)")
        for path in [
            "/api/v1/tickets/a%0d%0aSet-Cookie:%20x=1", "/sign-in?next=%0d%0aSet-Cookie:%20x=1", "/a%0d%0aB",
            "/language?next=%0d%0aSet-Cookie:%20x=1", "/%0d%0a%0d%0a%3Chtml%3E",
        ] {
            let reply = try await w.client.send("GET", path)
            #expect(reply.status < 500)
            #expect(reply.header("Set-Cookie") == nil, "\(path)")
            #expect(reply.headers.allSatisfy { !$0.1.contains("x=1") || $0.0 == "location" }, "\(path)")
        }
        let agent = try await w.client.send(
            "POST", "/sign-in",
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"),
                ("User-Agent", "x\u{1b}[31m<script>alert(1)</script>"),
            ], body: Array("login=customer&password=correct+horse+42".utf8))
        #expect(agent.status < 500)
        if let cookie = agent.cookie("fettle_session") {
            let me = try await w.client.send("GET", "/me", headers: [("Cookie", "fettle_session=\(cookie)")])
            #expect(me.status == 200)
            #expect(!me.text.contains("<script>alert") && !me.text.contains("\u{1b}"), "its own sessions")
        }
        // A file's name cannot end the header that offers it.
        let file = try await w.upload("customer", number, "a\u{85}b\u{2028}c;x=\u{1b}.txt", [65])
        let download = try await w.api("customer").get("/attachments/\(file.json["id"]?.string ?? "")")
        let offer = download.header("Content-Disposition") ?? ""
        #expect(offer.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "\(offer.debugDescription)")
        let rows = try await w.house.store.read(by: .system("test")) {
            try $0.history(of: Subject("ticket", id))
        }
        for row in rows {
            let lines = row.data.text.unicodeScalars.filter { $0.value < 0x20 || $0.value == 0x2028 }
            #expect(lines.isEmpty, "\(row.kind)")
        }
        try await w.house.close()
    }

    /// Every tampering with the history is found, whichever row it is, and told by the row's name.
    @Test(arguments: [
        "delete the first", "delete one", "delete the last", "delete all", "delete all and the head",
        "reorder",
        "rename the actor", "change the time", "change the data", "make it public", "move to another",
        "insert one", "insert at the end", "recompute the end",
    ])
    func abuse58AuditRowsTampered(_ how: String) async throws {
        let w = try await Workshop.open()
        let (number, id) = try await w.enter()
        let (_, other) = try await w.enter(serial: "O-1")
        try await w.bringToWork(number)
        try await w.take("engineer", number, "notes", ["body": "What really happened"], expect: 201)
        #expect(try await w.history() == [])
        // A seal of the evening, kept elsewhere.
        let seal = try await w.house.store.write(by: .system("seal")) { try Seal.make(everything: true, $0) }
        try await w.house.store.write(by: .system("intruder")) { tx in
            let last = try tx.int("select max(number) from history where subject_id = \(id)")
            let rows: SQL = "subject_kind = 'ticket' and subject_id = \(id)"
            switch how {
            case "delete the first": try tx.run("delete from history where \(rows) and number = 1")
            case "delete one": try tx.run("delete from history where \(rows) and number = 2")
            case "delete the last": try tx.run("delete from history where \(rows) and number = \(last)")
            case "delete all": try tx.run("delete from history where \(rows)")
            case "delete all and the head":
                try tx.run("delete from history where \(rows)")
                try tx.run("delete from chain where \(rows)")
            case "reorder":
                try tx.run("update history set number = -1 where \(rows) and number = 1")
                try tx.run("update history set number = 1 where \(rows) and number = 2")
                try tx.run("update history set number = 2 where \(rows) and number = -1")
            case "rename the actor":
                try tx.run("update history set actor_name = 'nobody' where \(rows) and number = 2")
            case "change the time": try tx.run("update history set at = at - 1 where \(rows) and number = 2")
            case "change the data":
                try tx.run("update history set data = '{}' where \(rows) and number = \(last)")
            case "make it public":
                try tx.run("update history set visibility = 'public' where \(rows) and number = \(last)")
            case "move to another":
                try tx.run(
                    "update history set subject_id = \(other), number = 9 where \(rows) and number = 2")
            case "insert one", "insert at the end":
                let place = how == "insert one" ? 0 : last + 1
                try tx.run(
                    """
                    insert into history (subject_kind, subject_id, number, at, actor_id, actor_name, kind,
                      visibility, data, previous, hash)
                    select subject_kind, subject_id, \(place), at, actor_id, actor_name, kind, visibility, data,
                      previous, hash from history where \(rows) and number = \(last)
                    """)
            default:
                // Whoever can compute hashes takes the last row off and writes another, chain and all.
                try tx.run("delete from history where \(rows) and number = \(last)")
                let hash = try tx.first("select hash from history where \(rows) and number = \(last - 1)") {
                    $0.blob()
                }
                try tx.run("update chain set number = \(last - 1), head = \(hash ?? []) where \(rows)")
                try tx.record(Fact("ticket.notes", Subject("ticket", id), data: ["text": "Nothing happened"]))
            }
        }
        let (faults, sealed) = try await w.house.store.read(by: .system("test")) { tx in
            (
                try History.verify(tx).faults + TicketVerify.run(tx).faults + Seal.verify(tx).faults,
                try seal.faults(tx)
            )
        }
        if how == "recompute the end" {
            #expect(!sealed.isEmpty, "the seal that was kept elsewhere knows better")
        } else if how == "delete all and the head" {
            #expect(!faults.isEmpty || !sealed.isEmpty)
            #expect(!sealed.isEmpty)
        } else {
            #expect(!faults.isEmpty, "\(how)")
            #expect(faults.contains { $0.contains(id) }, "\(faults)")
        }
        try await w.house.close()
    }

    /// 60: what is said twice is never quietly taken once.
    @Test func abuse60ParametersRepeated() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        for path in [
            "/tickets?q=a&q=b", "/search?q=a&q=b", "/notifications?limit=1&limit=1", "/tasks?open=1&open=0",
            "/tickets?state=open&state=archived", "/tickets?limit=1&%6cimit=2", "/feedback?open=1&open=0",
        ] {
            #expect(try await w.api("customer").get(path).status == 422, "\(path)")
        }
        for path in ["/tickets?sort=due&sort=received", "/tickets/export.csv?state=open&state=archived"] {
            #expect(try await w.page("customer", "GET", path).status == 422, "\(path)")
        }
        // Another name is another parameter: none of these makes the list longer or shorter.
        for query in ["q[]=x", "Q=none", "limit%00=1", "state[]=archived", "organization.id=x", "?q=none"] {
            let list = try await w.api("customer").get("/tickets?\(query)")
            let count = list.json["items"]?.array?.count ?? 0
            #expect([200, 400, 422].contains(list.status) && (list.status != 200 || count == 1), "\(query)")
        }
        let form = try await w.page(
            "customer", "POST", "/me", form: "language=en&language=zh-Hans&time_zone=UTC&theme=light")
        #expect(form.status == 422)
        let parts = try await w.api("customer").upload(
            "/tickets",
            [("title", "A"), ("title", "B"), ("description", "d"), ("category", "quality")])
        #expect(parts.status == 422, "\(parts.status)")
        let json = try await w.client.send(
            "POST", "/api/v1/tickets/\(number)/responses",
            headers: [
                ("Authorization", "Bearer \(w.tokens["customer"] ?? "")"),
                ("Content-Type", "application/json"),
            ], body: Array(#"{"body":"one","b\u006fdy":"two"}"#.utf8))
        #expect(json.status == 400, "\(json.status): one name, written in two ways")
        // The query adds nothing to a body, and no header turns one method into another.
        let mixed = try await w.api("customer").post("/tickets/\(number)/responses?body=hidden", [:])
        #expect(mixed.status == 422)
        for header in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
            let reply = try await w.api("customer").send(
                "POST", "/tickets/\(number)", ["title": "x"], headers: [(header, "PUT")])
            #expect(reply.status == 405, "\(header): \(reply.status)")
        }
        let method = try await w.page(
            "customer", "POST", "/tickets/\(number)?_method=DELETE", form: "_method=PUT")
        #expect(method.status == 405)
        // Headers: two of one kind are no choice between them.
        let key = w.tokens["customer"] ?? ""
        let other = w.tokens["administrator"] ?? ""
        for (first, second) in [(key, other), (other, key)] {
            let reply = try await w.client.send(
                "GET", "/api/v1/me",
                headers: [("Authorization", "Bearer \(first)"), ("Authorization", "Bearer \(second)")])
            #expect(reply.status == 401 || reply.status == 400)
        }
        let keys = try await w.api("customer").post(
            "/tickets", w.report(), headers: [("Idempotency-Key", "a"), ("Idempotency-Key", "b")])
        let again = try await w.api("customer").post(
            "/tickets", w.report("Another"), headers: [("Idempotency-Key", "a")])
        #expect(keys.status == 422 && again.status == 201, "the two are not the first one")
        for bad in ["a b", "é", String(repeating: "k", count: 201)] {
            let reply = try await w.api("customer").post(
                "/tickets", w.report(), headers: [("Idempotency-Key", bad)])
            #expect(reply.status == 422, "\(bad)")
        }
        let types = try await w.client.send(
            "POST", "/api/v1/tickets",
            headers: [
                ("Authorization", "Bearer \(key)"), ("Content-Type", "text/plain"),
                ("Content-Type", "application/json"),
            ], body: w.report().bytes)
        #expect(types.status == 415 || types.status == 400, "\(types.status)")
        for head in [
            "Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "Content-Length: +2",
            "Content-Length: 2, 2", "Transfer-Encoding: xchunked", "Content-Length : 2",
        ] {
            let bytes =
                "POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer \(key)\r\n\(head)\r\nConnection: close\r\n\r\n{}GET /api/v1/me HTTP/1.1\r\nHost: x\r\n\r\n"
            // One that cannot be told apart from another is no request: refused or cut off, never two.
            let reply = try? await w.client.raw(Array(bytes.utf8))
            #expect(reply.map { (400..<500).contains($0.status) } ?? true, "\(head)")
            #expect(reply?.text.contains("\"roles\"") != true, "\(head): the second one was answered")
        }
        #expect(try await w.api("customer").get("/me").status == 200, "the server is well")
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
