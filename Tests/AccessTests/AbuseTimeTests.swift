import Base
import Foundation
import Store
import TestKit
import Testing

@testable import Tickets
@testable import fettle

/// Item 51 of the abuse list: wall times that do not exist, exist twice, or lie a day away, in every form
/// that takes one. Expected instants are worked out by hand from the zones' rules.
@Suite struct AbuseTimeTests {
    /// A wall time as somebody types it, in the zone of their account, and the instant it means.
    struct Typed: Sendable {
        var zone: String
        var text: String
        var means: String
    }

    /// Berlin: on 2026-03-29 clocks go from 02:00 to 03:00 (01:00 UTC), on 2026-10-25 from 03:00 back to
    /// 02:00 (01:00 UTC). Lord Howe shifts by half an hour (2026-04-05 02:00 → 01:30). Kiritimati is 14
    /// hours ahead all year, Niue 11 behind; 2028 has a leap day.
    static let cases: [Typed] = [
        Typed(zone: "Europe/Berlin", text: "2026-03-29 02:30", means: "2026-03-29T01:30:00Z"),
        Typed(zone: "Europe/Berlin", text: "2026-03-29 01:59", means: "2026-03-29T00:59:00Z"),
        Typed(zone: "Europe/Berlin", text: "2026-03-29 03:00", means: "2026-03-29T01:00:00Z"),
        Typed(zone: "Europe/Berlin", text: "2026-10-25 02:30", means: "2026-10-25T00:30:00Z"),
        Typed(zone: "Europe/Berlin", text: "2026-10-25T02:30:00+01:00", means: "2026-10-25T01:30:00Z"),
        Typed(zone: "Europe/Berlin", text: "2026-10-25 03:00", means: "2026-10-25T02:00:00Z"),
        Typed(zone: "Australia/Lord_Howe", text: "2026-04-05 01:45", means: "2026-04-04T14:45:00Z"),
        Typed(zone: "Australia/Lord_Howe", text: "2026-10-04 02:15", means: "2026-10-03T15:45:00Z"),
        Typed(zone: "Pacific/Kiritimati", text: "2027-01-01 00:30", means: "2026-12-31T10:30:00Z"),
        Typed(zone: "Pacific/Kiritimati", text: "2026-04-01T13:59", means: "2026-03-31T23:59:00Z"),
        Typed(zone: "Pacific/Niue", text: "2026-12-31 23:30", means: "2027-01-01T10:30:00Z"),
        Typed(zone: "Asia/Shanghai", text: "2028-02-29 08:00", means: "2028-02-29T00:00:00Z"),
        Typed(zone: "America/La_Paz", text: "2026-04-01 23:59", means: "2026-04-02T03:59:00Z"),
    ]

    /// What no calendar or clock has.
    static let wrong = [
        "2027-02-29 08:00", "2026-04-31 08:00", "2026-13-01 08:00", "2026-00-10 08:00", "2026-03-10 24:00",
        "2026-03-10 23:60", "2026-03-10 8:00", "tomorrow", "10/03/2026 08:00", "2026-03-10", "08:00",
        "2026-03-10 08:00+14:00", "2026-03-10T08:00:00+24:00", "2026-03-10T08:00:00+14:60",
        "２０２６-03-10 08:00", "2026-03-10 08:00:61", "-2026-03-10 08:00", "99999-01-01 08:00",
    ]

    private func zone(_ w: Workshop, _ zone: String) async throws {
        try await w.house.store.write(by: .system("test")) { tx in
            try tx.run("update account set time_zone = \(zone)")
        }
    }

    /// The one time that was stored last, by a statement.
    private func stored(_ w: Workshop, _ sql: SQL) async throws -> String? {
        try await w.house.store.read(by: .system("test")) { tx in
            try tx.first(sql) { $0.instantOrNil()?.rfc3339 } ?? nil
        }
    }

    /// Forms that plan ahead: whatever zone the planner sits in, one instant comes out.
    @Test func abuse51FormsThatPlan() async throws {
        let w = try await Workshop.open()
        let (number, id) = try await w.enter()
        try await w.bringToWork(number, category: "project")
        for c in Self.cases {
            try await zone(w, c.zone)
            let what = "\(c.zone) \(c.text)"
            let task = try await w.api("engineer").form(
                "/tickets/\(number)/tasks", [("kind", "people"), ("title", what), ("due_at", c.text)])
            #expect(task.status == 303, "\(what): \(task.status)")
            let due = try await stored(w, "select due_at from ticket_task where title = \(what)")
            #expect(due == c.means, "task: \(what)")

            let visit = try await w.api("engineer").form(
                "/tickets/\(number)/visits",
                [
                    ("engineer_id", w.id("engineer")), ("start_at", c.text),
                    ("end_at", "2029-01-01 08:00"),
                ])
            #expect(visit.status == 303, "\(what): \(visit.status)")
            let start = try await stored(w, "select start_at from ticket_visit where ticket_id = \(id)")
            try await w.house.store.write(by: .system("test")) { _ = try $0.run("delete from ticket_visit") }
            #expect(start == c.means, "visit: \(what)")

            let version = try await w.ticket("engineer", number)["version"]?.int ?? 0
            let action = try await w.api("engineer").form(
                "/tickets/\(number)/next-action",
                [
                    ("at", c.text), ("owner_id", w.id("engineer")), ("text", "Call"),
                    ("version", "\(version)"),
                ])
            #expect(action.status == 303, "\(what): \(action.status)")
            let next = try await w.ticket("engineer", number)["next_action_at"]?.string
            #expect(next == c.means, "next action: \(what)")

            // What the form shows of it means the same again: sent back unchanged, nothing moves.
            let shown = try await w.page("engineer", "GET", "/tickets/\(number)?do=next-action").text
            let value = String(shown.firstMatch(of: /name="at"[^>]*value="([^"]*)"/)?.1 ?? "none")
            let again = try await w.api("engineer").form(
                "/tickets/\(number)/next-action",
                [
                    ("at", value), ("owner_id", w.id("engineer")), ("text", "Call"),
                    ("version", "\(version + 1)"),
                ])
            #expect(again.status == 303, "\(what): \(value)")
            let kept = try await w.ticket("engineer", number)["next_action_at"]?.string
            #expect(kept == c.means, "next action sent back: \(what)")
        }
        let form = try await w.api("engineer").form(
            "/tickets/\(number)/solution",
            [("statement", "The plan")]
                + Self.cases.prefix(4).enumerated().flatMap { i, c in
                    [
                        ("plan.milestones.\(i).title", "M\(i)"),
                        ("plan.milestones.\(i).due_at", "2026-10-25 02:3\(i)"),
                    ]
                })
        #expect(form.status == 303, "\(form.status)")
        try await w.house.close()
    }

    /// Forms that say when something was: the past of a house that stands in the year 2028.
    @Test func abuse51FormsThatReport() async throws {
        let now = Instant(rfc3339: "2028-03-09T01:00:00Z") ?? House.morning
        let w = try await Workshop.open(at: House.morning)
        // In their order, each of them half an hour ago.
        for c in Self.cases.sorted(by: { $0.means < $1.means }) {
            w.house.clock.set((Instant(rfc3339: c.means) ?? now) + .minutes(30))
            try await zone(w, c.zone)
            let what = "\(c.zone) \(c.text)"
            let entered = try await w.api("service_manager").upload(
                "/tickets",
                [
                    ("title", what), ("description", "d"), ("category", "quality"),
                    ("organization_id", w.id("rift")), ("requester_id", w.id("customer")),
                    ("project_id", w.id("project")), ("site_id", w.id("site")), ("found_at", c.text),
                    ("received_at", c.text), ("received_reason", "Paper form"),
                ])
            #expect(entered.status == 303, "\(what): \(entered.status)")
            let number = entered.header("Location")?.split(separator: "/").last?.split(separator: "?").first
            let t = try await w.ticket("service_manager", String(number ?? ""))
            #expect(t["received_at"]?.string == c.means, "received: \(what)")
            let found = try await w.house.store.read(by: .system("test")) { tx in
                try tx.storedTicket(TicketID(t["id"]?.string ?? ""))?.ticket.foundAt?.rfc3339
            }
            #expect(found == c.means, "found: \(what)")
            // The clock's origin is that instant, in every zone: P4 until approved, 24 h to answer.
            let due = t["sla"]?["response"]?["due_at"]?.string.flatMap { Instant(rfc3339: $0) }
            #expect(due == Instant(rfc3339: c.means).map { $0 + .hours(24) }, "due: \(what)")
        }
        // Resumption and contact attempts say when somebody spoke.
        w.house.clock.set(now)
        let (number, id) = try await w.enter()
        try await w.bringToWork(number, "P4")
        try await zone(w, "Pacific/Kiritimati")
        try await w.take("engineer", number, "pause", ["question": "Which firmware?"])
        w.house.clock.advance(.hours(2))
        // 15:30 on the 9th there is 01:30 UTC, half an hour after the question.
        let resumed = try await w.api("engineer").form(
            "/tickets/\(number)/resumption", [("channel", "phone"), ("answered_at", "2028-03-09 15:30")])
        #expect(resumed.status == 303, "\(resumed.status)")
        let solution = try await w.ticket("engineer", number)["sla"]?["solution"]
        // Said to have been heard earlier, but resumed at the server's own time.
        #expect(solution?["paused_s"]?.int == 7200, "\(solution?.text ?? "")")
        let tried = try await w.api("engineer").form(
            "/tickets/\(number)/contact-attempts",
            [("channel", "phone"), ("at", "2028-03-09 15:45"), ("note", "No answer")])
        #expect(tried.status == 303, "\(tried.status)")
        let attempts = try await w.house.store.read(by: .system("test")) { tx in
            try tx.storedTicket(TicketID(id))?.ticket.contactAttempts.map(\.at.rfc3339) ?? []
        }
        #expect(attempts == ["2028-03-09T01:45:00Z"])
        // A quarter past three there has not come yet anywhere.
        let early = try await w.api("engineer").form(
            "/tickets/\(number)/contact-attempts",
            [("channel", "phone"), ("at", "2028-03-09 17:15"), ("note", "No answer")])
        #expect(early.status == 422)
        try await w.house.close()
    }

    /// A draft keeps the second of two equal wall times, however often it is saved.
    @Test func abuse51ADraftSentBackUnchanged() async throws {
        let now = Instant(rfc3339: "2026-10-26T08:00:00Z") ?? House.morning
        let w = try await Workshop.open(at: now)
        try await zone(w, "Europe/Berlin")
        let second = "2026-10-25T01:30:00Z"
        let made = try await w.api("customer").post(
            "/tickets",
            [
                "title": "T", "description": "D", "category": "quality", "draft": true,
                "found_at": .string(second),
            ])
        #expect(made.status == 201, "\(made.text)")
        let id = made.json["id"]?.string ?? ""
        for round in 1...2 {
            let page = try await w.page("customer", "GET", "/tickets/\(id)/edit").text
            let shown = String(page.firstMatch(of: /name="found_at"[^>]*value="([^"]*)"/)?.1 ?? "none")
            #expect(shown == "2026-10-25T02:30:00+01:00", "round \(round)")
            let saved = try await w.api("customer").upload(
                "/tickets/\(id)/draft",
                [
                    ("title", "T"), ("description", "D"), ("category", "quality"), ("found_at", shown),
                    ("draft", "1"),
                ])
            #expect(saved.status == 303, "\(saved.status)")
            let kept = try await w.house.store.read(by: .system("test")) { tx in
                try tx.storedTicket(TicketID(id))?.ticket.foundAt?.rfc3339
            }
            #expect(kept == second, "round \(round)")
        }
        try await w.house.close()
    }

    /// What is no time is refused by every form and every body, with its field named.
    @Test func abuse51WhatIsNoTime() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number)
        let version = try await w.ticket("engineer", number)["version"]?.int ?? 0
        let whole = "2026-03-10 08:00"
        let fields: [(step: String, field: String, more: [(String, String)])] = [
            ("tasks", "due_at", [("kind", "people"), ("title", "x")]),
            ("visits", "start_at", [("engineer_id", w.id("engineer")), ("end_at", whole)]),
            ("visits", "end_at", [("engineer_id", w.id("engineer")), ("start_at", whole)]),
            (
                "next-action", "at",
                [("owner_id", w.id("engineer")), ("text", "x"), ("version", "\(version)")]
            ),
            ("contact-attempts", "at", [("channel", "phone"), ("note", "x")]),
        ]
        for text in Self.wrong {
            for (step, field, more) in fields {
                let form = try await w.api("engineer").form(
                    "/tickets/\(number)/\(step)", more + [(field, text)])
                #expect(form.status == 422, "\(step) \(field) \(text): \(form.status)")
                let body = JSON.object(
                    (more + [(field, text)]).filter { $0.0 != "version" }.map { .init($0.0, .string($0.1)) })
                let method = step == "next-action" ? "PUT" : "POST"
                let reply = try await w.api("engineer").send(
                    method, "/tickets/\(number)/\(step)", body, headers: [("If-Match", "\"\(version)\"")])
                #expect(reply.status == 422, "\(step) \(field) \(text): \(reply.status)")
                let faults = reply.json["errors"]?.array ?? []
                #expect(faults.contains { $0["field"]?.string == field }, "\(step) \(text): \(reply.text)")
            }
            for field in ["received_at", "found_at"] {
                let entered = try await w.api("service_manager").upload(
                    "/tickets",
                    [
                        ("title", "T"), ("description", "d"), ("category", "quality"),
                        ("organization_id", w.id("rift")), (field, text), ("received_reason", "Paper"),
                    ])
                #expect(entered.status == 422, "\(field) \(text): \(entered.status)")
            }
            let account = "/admin/accounts/\(w.id("target"))"
            let leave = try await w.api("administrator").send(
                "PATCH", account, ["leave_from": .string(text)], headers: [("If-Match", "\"1\"")])
            #expect(leave.status == 422, "leave \(text): \(leave.status)")
            let post = try await w.api("administrator").post(
                account + "/posts", ["role": "trainer", "from_at": .string(text)])
            #expect(post.status == 422, "post \(text): \(post.status)")
        }
        // A JSON body never takes a wall time: it has no zone.
        for text in ["2026-03-10 08:00", "2026-03-10T08:00", "2026-03-10T08:00:00"] {
            let reply = try await w.api("engineer").post(
                "/tickets/\(number)/tasks", ["kind": "people", "title": "x", "due_at": .string(text)])
            #expect(reply.status == 422, "\(text)")
        }
        try await w.house.close()
    }
}
