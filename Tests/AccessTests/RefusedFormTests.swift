import Base
import Foundation
import Store
import TestKit
import Testing

@testable import Tickets
@testable import fettle

/// A form that is refused says why on its own page and keeps what was typed; a step that takes the ticket
/// out of sight ends where something can be seen.
@Suite struct RefusedFormTests {
    /// Whoever hands a ticket back ends on a page that they may see and that says so.
    @Test func handingBackEndsOnAPageThatIsSeen() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.approve(number)
        try await w.take(
            "service_manager", number, "assignment", .make(["engineer_id": .string(w.id("engineer2"))]))
        let sent = try await w.api("engineer2").form("/tickets/\(number)/refusal", [("reason", "On leave")])
        #expect(sent.status == 303, "\(sent.text)")
        let shown = try await w.api("engineer2").page(sent.header("Location") ?? "")
        #expect(shown.status == 200 && shown.text.contains(said("done.refusal")))
        // The start page passes on what was done.
        let start = try await w.api("engineer2").page("/?done=refusal")
        #expect(start.header("Location") == "/work?done=refusal")
        #expect(try await w.api("engineer2").page("/work?done=refusal").text.contains(said("done.refusal")))
        try await w.house.close()
    }

    @Test(arguments: [
        // A state that has moved on, an own-work rule, a role, wrong content: each on the ticket's page.
        ("engineer", "acceptance", "", 409), ("engineer", "completion", "report=All+done", 409),
        ("engineer", "decision", "outcome=approved&statement=Go+on+then", 403),
        ("customer", "cancellation", "reason=Changed+my+mind", 409),
        ("engineer", "solution", "statement=", 422),
        ("engineer", "next-action", "at=2026-03-10+10:00&text=Call+them&version=1", 412),
    ])
    func aRefusedStepIsToldOnTheTicketsPage(_ who: String, _ step: String, _ form: String, _ status: Int)
        async throws
    {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number)
        let sent = try await w.page(who, "POST", "/tickets/\(number)/\(step)", form: form)
        #expect(sent.status == status, "\(sent.text)")
        #expect(sent.text.contains("error-summary") && sent.text.contains(number), "\(who) \(step)")
        #expect(sent.text.contains("id=\"facts\""), "it is the ticket's page")
        for field in try FormBody.parse(form).fields
        where !["outcome", "version"].contains(field.name) && !field.value.isEmpty {
            // A time stands in the field as browsers write it.
            let kept = WallTime(field.value) == nil ? field.value : field.value.replacing(" ", with: "T")
            #expect(sent.text.contains(kept), "\(step): \(field.name) is kept")
        }
        try await w.house.close()
    }

    @Test func aMessageThatMayNotBeSentComesBack() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        _ = try await w.take("customer", number, "cancellation", .make(["reason": "Found it"]))
        let late = try await w.api("customer").upload(
            "/tickets/\(number)/responses", [("body", "One more thing.")], file: ("late.txt", "x"))
        #expect(late.status == 409)
        #expect(late.text.contains("One more thing.") && late.text.contains("error-summary"))
        let reader = try await w.api("management").upload(
            "/tickets/\(number)/responses", [("body", "From above.")])
        #expect(reader.status == 403)
        #expect(reader.text.contains("From above.") && reader.text.contains("error-summary"))
        // What may not be seen stays unseen.
        let other = try await w.api("customer2").upload("/tickets/\(number)/responses", [("body", "Hello?")])
        #expect(other.status == 404 && !other.text.contains("Hello?"))
        try await w.house.close()
    }

    @Test func filesOfARefusedMessageAreKept() async throws {
        let w = try await Workshop.open()
        let (number, id) = try await w.enter()
        let long = String(repeating: "x", count: 60_000)
        let refused = try await w.api("customer").upload(
            "/tickets/\(number)/responses", [("body", long), ("channel", "pigeon")], file: ("a.txt", "log"))
        #expect(refused.status == 422)
        let held = IntakeTests.held(refused.text)
        #expect(held.count == 1)
        let sent = try await w.api("customer").upload(
            "/tickets/\(number)/responses", [("body", "Shorter."), ("held", held.first ?? "")])
        #expect(sent.status == 303, "\(sent.text)")
        #expect(
            try await IntakeTests.count(w, "select count(*) from attachment where ticket_id = \(id)") == 1)
        try await w.house.close()
    }

    /// A refusal is no way to see a page whose door is closed, nor to put words into somebody's page.
    @Test func closedDoorsAndForgedFormsGetNoPage() async throws {
        let w = try await Workshop.open()
        let closed = try await w.page("engineer", "POST", "/admin/accounts", form: "login=mine&name=Me")
        #expect(closed.status == 403 && !closed.text.contains("name=\"login\""))
        let (number, _) = try await w.enter()
        let session = try await w.signIn("customer")
        let forged = try await session.post(
            "/tickets/\(number)/cancellation", "reason=planted+words", secret: "wrong")
        #expect(forged.status == 403 && !forged.text.contains("planted words"))
        try await w.house.close()
    }

    @Test func tasksAndRatingsAreRefusedWhereTheyWereTyped() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P3")
        let task =
            try await w.take(
                "service_manager", number, "tasks",
                .make(["kind": "people", "title": "Help", "owner_id": .string(w.id("engineer"))]), expect: 201
            )[
                "id"]?.string ?? ""
        let long = String(repeating: "r", count: 30_000)
        for next in ["", "&next=ticket"] {
            let sent = try await w.page(
                "engineer", "POST", "/tasks/\(task)", form: "done=1&result=\(long)\(next)")
            #expect(sent.status == 422 && sent.text.contains("error-summary"), "\(next)")
        }
        _ = try await w.page("engineer", "POST", "/tasks/\(task)", form: "done=1&result=helped")
        try await w.bringToEvaluation(number)
        let link = try await w.api("service_manager").post("/tickets/\(number)/rating-link", nil)
        let path = link.json["path"]?.string ?? ""
        let half = try await w.client.send(
            "POST", path, headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array("response=5&comment=half".utf8))
        #expect(half.status == 422 && half.text.contains("half") && half.text.contains("error-summary"))
        try await w.house.close()
    }

    /// Who holds the link can rate, so nobody makes one for their own work, whatever posts they hold.
    @Test func nobodyMakesTheRatingLinkOfTheirOwnWork() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P3")
        let early = try await w.api("service_manager").post("/tickets/\(number)/rating-link", nil)
        #expect(early.status == 409 && early.code == "rating.not_due")
        try await w.bringToEvaluation(number)
        for who in ["engineer", "engineer2", "technical_lead", "quality", "management", "auditor"] {
            let reply = try await w.api(who).post("/tickets/\(number)/rating-link", nil)
            #expect(reply.status == 403 && reply.json["path"] == nil, "\(who): \(reply.text)")
        }
        // Whatever posts somebody holds besides: own work stays own work.
        let more = try await w.api("administrator").post(
            "/admin/accounts/\(w.id("engineer"))/posts", ["role": "service_manager"])
        #expect(more.status == 201, "\(more.text)")
        let own = try await w.api("engineer").post("/tickets/\(number)/rating-link", nil)
        #expect(own.status == 403 && own.code == "ticket.own_work")
        let page = try await w.page("engineer", "GET", "/tickets/\(number)")
        #expect(!page.text.contains("/rating-link"), "no button for what is refused")
        #expect(try await w.api("customer").post("/tickets/\(number)/rating-link", nil).status == 403)
        let offered = try await w.page("service_manager", "GET", "/tickets/\(number)")
        #expect(offered.text.contains("/tickets/\(number)/rating-link"))
        let made = try await w.page("service_manager", "POST", "/tickets/\(number)/rating-link")
        let link = String(made.text.firstMatch(of: /\/e\/[A-Za-z0-9_-]+/)?.0 ?? "")
        #expect(made.status == 200 && !made.text.contains("class=\"qr\""), "no code without an address")
        #expect(try await w.client.send("GET", link).status == 200)
        let body: JSON = .make(["value": "https://service.example"])
        let set = try await w.api("administrator").send(
            "PUT", "/admin/settings/base_url", body, headers: [("If-Match", "\"0\"")])
        #expect(set.status == 200, "\(set.text)")
        let whole = try await w.page("service_manager", "POST", "/tickets/\(number)/rating-link")
        #expect(whole.text.contains("https://service.example/e/") && whole.text.contains("class=\"qr\""))
        #expect(try await w.client.send("GET", link).status == 404, "the newer link ended it")
        try await w.house.close()
    }

    @Test func aNewHouseNameShowsAtOnce() async throws {
        let w = try await Workshop.open()
        let at = w.house.clock.now
        for (i, name) in ["Kestrel Works", "Harbour Works"].enumerated() {
            let body: JSON = .make(["names": .make(["zh": .string(name), "en": .string(name)])])
            let reply = try await w.api("administrator").send(
                "PUT", "/admin/settings/house_name", body, headers: [("If-Match", "\"\(i)\"")])
            #expect(reply.status == 200, "\(reply.text)")
            #expect(try await w.page("engineer", "GET", "/work").text.contains(name))
            #expect(try await w.client.send("GET", "/sign-in").text.contains(name))
        }
        // One that takes effect later shows when its time has come, and not before.
        let later: JSON = .make([
            "names": .make(["zh": "Later Works", "en": "Later Works"]),
            "effective_from": .string((at + .hours(5)).rfc3339),
        ])
        _ = try await w.api("administrator").send(
            "PUT", "/admin/settings/house_name", later, headers: [("If-Match", "\"2\"")])
        #expect(try await w.page("engineer", "GET", "/work").text.contains("Harbour Works"))
        w.house.clock.advance(.hours(6))
        #expect(try await w.page("engineer", "GET", "/work").text.contains("Later Works"))
        try await w.house.close()
    }

    @Test func theFileChooserSpeaksThePagesLanguage() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        for path in ["/tickets/new", "/tickets/\(number)"] {
            let text = try await w.page("customer", "GET", path).text
            #expect(text.contains(said("files.choose")) && text.contains("class=\"btn"), "\(path)")
            // A label around the input opens the chooser without scripts.
            #expect(
                text.contains(/<label class="btn[^"]*file-pick">.*<input id="f-file" type="file"/), "\(path)")
        }
        try await w.house.close()
    }

    @Test func thePaperFormSaysWhatNobodyRecorded() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        let text = try await w.page("service_manager", "GET", "/tickets/\(number)/form").text
        for key in ["shipment", "handbook", "chargeable"] {
            #expect(text.contains(said("ticket.form.none." + key)), "\(key)")
        }
        try await w.house.close()
    }
}
