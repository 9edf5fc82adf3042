import Base
import Foundation
import Store
import TestKit
import Testing

@testable import Tickets
@testable import Web
@testable import fettle

/// The page of a ticket over the line, as each role gets it.
@Suite struct TicketPageTests {
    @Test func eachRoleSeesItsOwnPage() async throws {
        let story = try await TicketStory.tell()
        for who in [
            "service_manager", "engineer", "technical_lead", "site_lead", "management", "quality", "auditor",
        ] {
            let page = try await story.page(who)
            #expect(page.status == 200, "\(who)")
            #expect(page.text.contains("方位轴过流告警 AZ-217"), "\(who)")
            #expect(!page.text.contains("ticket.page."), "\(who): \(missing(page.text))")
            #expect(!page.text.contains("ticket.turn."), "\(who)")
        }
        for who in ["customer2", "supplier", "keeper", "finance"] {
            #expect(try await story.page(who).status == 404, "\(who)")
        }
        try await story.workshop.house.close()
    }

    /// Nothing internal reaches the customer, in no filter and not on paper.
    @Test func nothingInternalForTheCustomer() async throws {
        let story = try await TicketStory.tell()
        for rest in ["", "?show=events", "?show=conversation", "?do=notes", "/form"] {
            let page = try await story.page("customer", rest)
            #expect(page.status == 200, "\(rest)")
            for word in ["23W31", "母线电容", "预留 SD-40A", "msg-internal", "内部", "/notes"] {
                #expect(!page.text.contains(word), "\(rest): \(word)")
            }
        }
        // The house does see it.
        let inside = try await story.page("engineer")
        #expect(inside.text.contains("msg-internal"))
        #expect(inside.text.contains("先不要提批次"))
        try await story.workshop.house.close()
    }

    /// The engineer's next step is on the button and in the menu stand only steps that the API allows.
    @Test func onlyAllowedSteps() async throws {
        let story = try await TicketStory.tell()
        let w = story.workshop
        for who in [
            "service_manager", "engineer", "technical_lead", "site_lead", "customer", "quality", "auditor",
        ] {
            let api = try await w.api(who).get("/tickets/\(story.number)")
            let allowed = Set((api.json["allowed"]?.array ?? []).compactMap(\.string))
            let page = try await story.page(who).text
            let offered = Set(
                page.matches(of: /data-step="([^"]+)"/).map { String($0.output.1) })
            #expect(offered.isSubset(of: allowed), "\(who): \(offered.subtracting(allowed))")
            let hidden = allowed.subtracting(offered).subtracting(["responses", "notes", "attachments"])
            #expect(hidden.isEmpty, "\(who) misses \(hidden)")
        }
        let page = try await story.page("engineer").text
        #expect(page.contains("turn-mine"))
        #expect(page.contains("btn btn-primary btn-l\" href=\"/tickets/\(story.number)?do=solution#do\""))
        try await w.house.close()
    }

    /// 12:39 of 24:00 are counted; the bars say in words what they show.
    @Test func clocksSayWhatTheyShow() async throws {
        let story = try await TicketStory.tell()
        let page = try await story.page("engineer").text
        let labels = page.matches(of: /<svg class="clock"[^>]*aria-label="([^"]+)"/).map {
            String($0.output.1)
        }
        #expect(labels.count == 2)
        #expect(labels.first?.contains("12 h 39 min") == true, "\(labels)")
        #expect(labels.first?.contains("11 h 21 min") == true)
        #expect(labels.last?.contains("达成") == true)
        #expect(page.contains("data-remaining=\"40860\""))
        #expect(page.contains(">12:39<"))
        #expect(page.contains("Rift 合同"))
        try await story.workshop.house.close()
    }

    /// What people typed is text, wherever it stands.
    @Test func nothingTypedBecomesMarkup() async throws {
        let w = try await Workshop.open()
        let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
        var members = w.report(evil, serial: "\"><svg onload=alert(1)>").members ?? []
        for field in [
            "description", "product", "model", "environment", "batch", "configuration", "failure_mode",
        ] {
            members.removeAll { $0.name == field }
            members.append(.init(field, .string(evil)))
        }
        members.removeAll { $0.name == "environment" }
        members.append(.init("environment", "javascript:alert(1) data:text/html,x https://ok.example/a"))
        let made = try await w.api("customer").post("/tickets", .object(members))
        #expect(made.status == 201, "\(made.text)")
        let story = TicketStory(workshop: w, number: made.json["number"]?.string ?? "")
        try await story.step(
            nil, "service_manager", "responses",
            .make(["body": "javascript:alert(1) <b>x</b> https://example.org/?a=1&b=\"onmouseover=x"]))
        for who in ["customer", "service_manager"] {
            for rest in ["", "?do=approval", "/form"] {
                let page = try await story.page(who, rest)
                #expect(page.status == 200)
                let body = page.text.components(separatedBy: "<main").last ?? ""
                for wrong in [
                    "<script", "<img", "<svg onload", "<b>x", "href=\"javascript", "onerror=alert(1)>",
                ] {
                    #expect(!body.contains(wrong), "\(who) \(rest): \(wrong)")
                }
            }
        }
        let page = try await story.page("customer").text
        #expect(page.contains("href=\"https://example.org/?a=1&amp;b=\""))
        try await w.house.close()
    }

    /// A form that is refused comes back in place with what was typed and what is wrong.
    @Test func aRefusedFormComesBack() async throws {
        let story = try await TicketStory.tell()
        let w = story.workshop
        let token = w.tokens["engineer"] ?? ""
        let refused = try await w.client.send(
            "POST", "/tickets/\(story.number)/completion",
            headers: [
                ("Authorization", "Bearer \(token)"), ("Content-Type", "application/x-www-form-urlencoded"),
            ], body: Array("report=Done".utf8))
        #expect([403, 409].contains(refused.status), "\(refused.status)")
        let page = try await story.page("engineer", "?do=solution").text
        #expect(page.contains("name=\"statement\""))
        #expect(page.contains("action=\"/tickets/\(story.number)/solution\""))
        try await w.house.close()
    }

    /// The paper form carries its number as a QR code and all bands of Table 2.
    @Test func paperForm() async throws {
        let story = try await TicketStory.tell()
        let form = try await story.page("service_manager", "/form").text
        #expect(form.contains("<svg class=\"qr\""))
        for band in ["基本情况", "产品", "问题", "处理", "结果"] { #expect(form.contains(">\(band)</th>"), "\(band)") }
        #expect(!form.contains("ticket.form."))
        try await story.workshop.house.close()
    }

    /// However much has happened on a ticket, its page is a fixed handful of statements.
    @Test func aPageIsAFewStatements() async throws {
        let story = try await TicketStory.tell()
        func statements() async throws -> Int {
            let number = story.number
            let reader = Actor(
                id: ID(story.workshop.id("service_manager")), name: "林志远", roles: Roles(.serviceManager),
                isStaff: true)
            return try await story.workshop.house.store.read(by: reader) { tx in
                let call = Call(
                    method: "GET", path: "/tickets/" + number, rawQuery: "", parameters: ["id": number],
                    query: [], surface: .page, headers: [:], remote: "", content: .none, caller: nil,
                    now: tx.now, language: .english, failure: nil, requestID: "", chrome: Areas.chrome())
                _ = try TicketPage.load(call, tx)
                return tx.statements
            }
        }
        let before = try await statements()
        for i in 0..<12 {
            try await story.step(nil, "engineer", "notes", .make(["body": .string("note \(i)")]))
            try await story.step(
                nil, "service_manager", "tasks", .make(["kind": "people", "title": .string("task \(i)")]))
        }
        let after = try await statements()
        #expect(after == before)
        // Ten beside the stamps of settings and service levels, which each look at their own.
        #expect(before <= 14, "\(before)")
        try await story.workshop.house.close()
    }

    private func missing(_ page: String) -> [String] {
        page.matches(of: /ticket\.page\.[a-z_.\/-]+/).prefix(5).map { String($0.output) }
    }
}
