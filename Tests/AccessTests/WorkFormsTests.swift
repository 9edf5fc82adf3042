import Base
import Foundation
import Store
import TestKit
import Testing

@testable import Tickets
@testable import fettle

/// What the work pages' own forms do: intake, drafts, views, notices, feedback, the rating by a link.
@Suite struct WorkFormsTests {
    @Test func aRequestIsEnteredAsDraftAndSent() async throws {
        let w = try await Workshop.open()
        let fields = [
            ("title", "Polarisation switch sticks"), ("description", "After cold nights."),
            ("category", "quality"),
            ("site_id", w.id("site")), ("serial", "ｇｓ73x-2309-0041"), ("found_at", "2026-03-08 05:50"),
            ("urgency", "high"),
        ]
        let refused = try await w.api("customer").upload("/tickets", fields.filter { $0.0 != "title" })
        #expect(refused.status == 422)
        #expect(refused.text.contains("After cold nights."), "what was typed comes back")
        #expect(refused.text.contains("href=\"#f-title\""))

        let kept = try await w.api("customer").upload("/tickets", fields + [("draft", "1")])
        #expect(kept.status == 303, "\(kept.text)")
        let edit = kept.header("Location") ?? ""
        #expect(edit.contains("/edit"))
        let path = String(edit.split(separator: "?").first ?? "")
        #expect(try await w.api("customer").page(path).text.contains("Polarisation switch sticks"))
        #expect(try await w.api("customer").page("/portal").text.contains("Polarisation switch sticks"))
        for who in ["service_manager", "customer2", "engineer"] {
            #expect(try await w.api(who).page(path).status == 404, "\(who)")
        }
        let id = try await w.house.store.read(by: .system("test")) { tx in
            try tx.first("select id from ticket") { $0.text() } ?? ""
        }
        #expect(try await w.api("customer2").upload("/tickets/\(id)/draft", fields).status == 404)
        let sent = try await w.api("customer").upload(
            "/tickets/\(id)/draft", fields, file: ("log.txt", "AZ-231"))
        #expect(sent.status == 303, "\(sent.text)")
        let t = try await w.api("customer").get("/tickets/\(id)")
        #expect(t.json["state"]?.string == "submitted")
        #expect(t.json["serial"]?.string == "GS73X-2309-0041")
        let files = try await w.house.store.read(by: .system("test")) {
            try $0.int("select count(*) from attachment where ticket_id is not null")
        }
        #expect(files == 1)
        #expect(try await w.api("customer").page(path).status == 303)
        try await w.house.close()
    }

    @Test func aForeignSerialTellsNothing() async throws {
        let w = try await Workshop.open()
        let number = try await WorkPagesTests.foreign(w)
        let asked = [("serial", "ZR-0001"), ("title", "window cracked"), ("description", "kept")]
        let own = try await w.api("customer2").form("/tickets/find", asked)
        #expect(own.status == 200 && own.text.contains(number))
        let other = try await w.api("customer").form("/tickets/find", asked)
        #expect(other.status == 200 && !other.text.contains(number))
        #expect(other.text.contains("kept"), "what was typed stays")
        // Staff of another project may not choose that customer, nor read its people.
        let lead = try await w.api("site_lead").form("/tickets/find", [("organization_id", w.id("andino"))])
        #expect(!lead.text.contains("Quispe"))
        try await w.house.close()
    }

    @Test func viewsAreOnesOwn() async throws {
        let w = try await Workshop.open()
        let view = [("page", "tickets"), ("name", "Hot ones"), ("query", "state=open&priority=P1&cursor=x")]
        let kept = try await w.api("engineer").form("/views", view)
        #expect(kept.header("Location") == "/tickets?state=open&priority=P1")
        #expect(try await w.api("engineer").page("/tickets").text.contains("Hot ones"))
        #expect(!(try await w.api("engineer2").page("/tickets").text.contains("Hot ones")))
        let id = try await w.house.store.read(by: .system("test")) {
            try $0.first("select id from saved_view") { $0.text() } ?? ""
        }
        #expect(try await w.api("engineer2").form("/views/\(id)/removal", []).status == 404)
        #expect(try await w.api("engineer").form("/views/\(id)/removal", []).status == 303)
        #expect(!(try await w.api("engineer").page("/tickets").text.contains("Hot ones")))
        let elsewhere = [("page", "//elsewhere"), ("name", "x"), ("query", "a=1")]
        #expect(try await w.api("engineer").form("/views", elsewhere).status == 422)
        try await w.house.close()
    }

    @Test func feedbackHasAnOwnerAndAClock() async throws {
        let w = try await Workshop.open()
        let complaint: JSON = .make(["kind": "complaint", "text": "Nobody answers the phone."])
        let made = try await w.api("customer").post("/feedback", complaint)
        #expect(made.status == 201, "\(made.text)")
        let id = made.json["id"]?.string ?? ""
        #expect(made.json["owner_id"]?.string == w.id("service_manager"))
        // Given on Monday 9 March 2026: the second working day is Wednesday.
        #expect(made.json["due_at"]?.string?.hasPrefix("2026-03-11T") == true)
        #expect(try await w.api("supplier").post("/feedback", complaint).status == 403)
        let answer: JSON = .make(["text": "We have a new number."])
        for who in ["customer2", "engineer", "keeper"] {
            #expect(try await w.api(who).post("/feedback/\(id)/answer", answer).status == 404, "\(who)")
            #expect(!(try await w.api(who).page("/feedback").text.contains("Nobody answers")), "\(who)")
        }
        #expect(try await w.api("customer").post("/feedback/\(id)/answer", answer).status == 403)
        #expect(
            try await w.api("service_manager").page("/notices").text.contains(said("notice.feedback.given")))
        let done = try await w.api("service_manager").form(
            "/feedback/\(id)/answer", [("text", "We have a new number.")])
        #expect(done.status == 303, "\(done.text)")
        #expect(
            try await w.api("management").post("/feedback/\(id)/answer", answer).code == "feedback.answered")
        #expect(try await w.api("customer").page("/feedback").text.contains("We have a new number."))
        let list = try await w.api("customer").get("/feedback?open=true")
        #expect(list.json["items"]?.array?.isEmpty == true)
        try await w.house.close()
    }

    @Test func noticesAreReadAndAcknowledged() async throws {
        let w = try await Workshop.open()
        let made = try await w.api("customer").post("/tickets", w.report())
        let number = made.json["number"]?.string ?? ""
        let page = try await w.api("service_manager").page("/notices")
        #expect(page.text.contains(number) && page.text.contains(said("notices.acknowledge")))
        let id = String(page.text.firstMatch(of: /\/notices\/([A-Z0-9]+)\/acknowledgement/)?.1 ?? "")
        #expect(try await w.api("management").form("/notices/\(id)/acknowledgement", []).status == 404)
        #expect(try await w.api("service_manager").form("/notices/\(id)/acknowledgement", []).status == 303)
        #expect(!(try await w.api("service_manager").page("/notices").text.contains("/acknowledgement")))
        try await w.house.close()
    }

    @Test func aRatingByLinkNeedsNoSignInAndWorksOnce() async throws {
        let w = try await Workshop.open()
        let reply = try await w.client.send("GET", "/e/nothing-like-it")
        #expect(reply.status == 404)
        let number =
            try await w.api("customer").post("/tickets", w.report(category: "request")).json["number"]?.string
            ?? ""
        func step(_ who: String, _ path: String, _ body: JSON? = nil) async throws {
            let reply = try await w.api(who).post("/tickets/\(number)/\(path)", body)
            #expect(reply.status < 300, "\(path): \(reply.text)")
        }
        try await step(
            "service_manager", "approval",
            .make(["category": "request", "impact": "small", "commonness": "common"]))
        try await step("service_manager", "assignment", .make(["engineer_id": .string(w.id("engineer"))]))
        try await step("engineer", "acceptance")
        try await step("engineer", "responses", .make(["body": "On my way."]))
        try await step("engineer", "solution", .make(["statement": "Documents sent."]))
        try await step("engineer", "completion", .make(["report": "Done.", "nature": "service"]))
        let link = try await w.api("service_manager").post("/tickets/\(number)/rating-link", nil)
        let path = link.json["path"]?.string ?? ""
        #expect(path.hasPrefix("/e/"), "\(link.text)")
        #expect(try await w.client.send("GET", path).text.contains(said("rating.title")))
        let rating = "response=5&attitude=4&skill=5&result=4&comment=fine"
        let headers = [("Content-Type", "application/x-www-form-urlencoded")]
        let sent = try await w.client.send("POST", path, headers: headers, body: Array(rating.utf8))
        #expect(sent.status == 303, "\(sent.text)")
        #expect(try await w.client.send("GET", sent.header("Location") ?? "").status == 200)
        #expect(
            try await w.client.send("POST", path, headers: headers, body: Array(rating.utf8)).status == 404)
        #expect(try await w.client.send("GET", path).status == 404)
        try await w.house.close()
    }
}
