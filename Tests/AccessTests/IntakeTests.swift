import Base
import Foundation
import Store
import TestKit
import Testing

@testable import Tickets
@testable import fettle

/// The intake page beyond the plain request: the same problem as an open ticket, and files that outlive a
/// refused form.
@Suite struct IntakeTests {
    static func held(_ text: String) -> [String] {
        text.matches(of: /name="held" value="([^"]+)"/).map { String($0.1) }
    }

    static func count(_ w: Workshop, _ sql: SQL) async throws -> Int64 {
        try await w.house.store.read(by: .system("test")) { try $0.int(sql) }
    }

    @Test func theSameProblemGoesIntoTheOpenTicket() async throws {
        let w = try await Workshop.open()
        let (number, id) = try await w.enter()
        let typed = [
            ("serial", "GS73X-2309-0041"), ("title", "AZ-217 again"), ("category", "quality"),
            ("description", "Now at 180 degrees too."), ("site_id", w.id("site")),
        ]
        let found = try await w.api("customer").upload(
            "/tickets/find", typed, file: ("pass.log", "AZ-217 at 180"))
        #expect(found.status == 200)
        #expect(found.text.contains("name=\"same_as\" value=\"\(number)\""))
        let held = IntakeTests.held(found.text)
        #expect(held.count == 1 && found.text.contains("pass.log"), "the chosen file is kept by Find")

        let sent = try await w.api("customer").upload(
            "/tickets", typed + [("same_as", number)] + held.map { ("held", $0) })
        #expect(sent.status == 303, "\(sent.text)")
        #expect(sent.header("Location") == "/tickets/\(number)?done=same_problem")
        #expect(try await IntakeTests.count(w, "select count(*) from ticket") == 1, "no second ticket")
        let timeline = try await w.api("customer").get("/tickets/\(number)/timeline").text
        #expect(timeline.contains("AZ-217 again") && timeline.contains("Now at 180 degrees too."))
        #expect(try await w.api("customer").page("/tickets/\(number)").text.contains("pass.log"))
        #expect(
            try await IntakeTests.count(
                w,
                "select count(*) from attachment where ticket_id = \(id) and visibility = 'public' and fact_number > 0"
            ) == 1)
        try await w.house.close()
    }

    /// Entering is no response: what staff write down for a customer stops no clock.
    @Test func staffNoteTheSameProblemInside() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        let sent = try await w.api("service_manager").upload(
            "/tickets",
            [
                ("organization_id", w.id("rift")), ("title", "Grace called"),
                ("description", "It is worse in the wind."), ("category", "quality"), ("same_as", number),
            ])
        #expect(sent.status == 303, "\(sent.text)")
        #expect(
            try await w.ticket("service_manager", number)["sla"]?["response"]?["verdict"]?.string == "pending"
        )
        #expect(
            !(try await w.api("customer").get("/tickets/\(number)/timeline").text.contains("in the wind")))
        #expect(try await w.api("service_manager").page("/tickets/\(number)").text.contains("in the wind"))
        try await w.house.close()
    }

    @Test func aDraftThatIsTheSameProblemEnds() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        let fields = [("title", "Draft"), ("description", "Half said."), ("category", "quality")]
        let kept = try await w.api("customer").upload("/tickets", fields + [("draft", "1")])
        let draft = String(kept.header("Location")?.split(separator: "/")[1] ?? "")
        let sent = try await w.api("customer").upload(
            "/tickets/\(draft)/draft", fields + [("same_as", number)])
        #expect(sent.header("Location") == "/tickets/\(number)?done=same_problem", "\(sent.text)")
        #expect(try await w.ticket("customer", draft)["state"]?.string == "cancelled")
        try await w.house.close()
    }

    /// A foreign ticket, one that is over, or nothing said: the page comes back with the words.
    @Test func theSameProblemIsRefusedOnThePage() async throws {
        let w = try await Workshop.open()
        let (foreign, _) = try await w.enterForeign()
        let (over, _) = try await w.enter()
        _ = try await w.take("customer", over, "cancellation", .make(["reason": "Found it ourselves"]))
        let fields = [("title", "Noise"), ("description", "A hum at night."), ("category", "quality")]
        for (target, status) in [(foreign, 422), ("FT-99-9999", 422), (over, 409)] {
            let sent = try await w.api("customer").upload(
                "/tickets", fields + [("same_as", target)], file: ("hum.txt", "50 Hz"))
            #expect(sent.status == status, "\(target)")
            #expect(sent.text.contains("A hum at night.") && sent.text.contains("hum.txt"))
        }
        let silent = try await w.api("customer").upload(
            "/tickets", [("title", ""), ("description", ""), ("same_as", over)])
        #expect(silent.status == 422 && silent.text.contains("href=\"#f-description\""))
        try await w.house.close()
    }

    @Test func filesOutliveARefusedForm() async throws {
        let w = try await Workshop.open()
        let fields = [("description", "Photograph attached."), ("category", "quality")]
        let refused = try await w.api("customer").upload("/tickets", fields, file: ("photo.txt", "pixels"))
        #expect(refused.status == 422)
        let first = IntakeTests.held(refused.text)
        #expect(first.count == 1 && refused.text.contains("photo.txt"))
        // Refused once more, with another file: both are kept.
        let again = try await w.api("customer").upload(
            "/tickets", fields + first.map { ("held", $0) }, file: ("second.txt", "more"))
        let both = IntakeTests.held(again.text)
        #expect(both.count == 2)
        // Nobody else may take them.
        let stolen = try await w.api("customer2").upload(
            "/tickets", fields + [("title", "Mine"), ("held", both.first ?? "")])
        #expect(stolen.status == 422 && !stolen.text.contains("photo.txt"))
        // One is left out, the other comes along.
        let sent = try await w.api("customer").upload(
            "/tickets", fields + [("title", "Cracked window"), ("held", both.first ?? "")])
        #expect(sent.status == 303, "\(sent.text)")
        #expect(
            try await IntakeTests.count(w, "select count(*) from attachment where ticket_id is not null") == 1
        )
        #expect(
            try await IntakeTests.count(w, "select count(*) from attachment where ticket_id is null") == 1)
        // Swept meanwhile: said on the page.
        w.house.clock.advance(.days(2))
        try await TicketJobs.sweep(w.house.store)
        let late = try await w.api("customer").upload(
            "/tickets", fields + [("title", "Late"), ("held", both.last ?? "")])
        #expect(late.status == 422 && late.text.contains(said("error.attachment.not_kept")))
        try await w.house.close()
    }

    @Test func aDraftShowsItsFiles() async throws {
        let w = try await Workshop.open()
        let kept = try await w.api("customer").upload(
            "/tickets",
            [("title", "Draft"), ("description", "x"), ("category", "quality"), ("draft", "1")],
            file: ("sketch.txt", "o--o"))
        let edit = String(kept.header("Location")?.split(separator: "?").first ?? "")
        #expect(try await w.api("customer").page(edit).text.contains("sketch.txt"))
        try await w.house.close()
    }

    /// The customer's codes are told in the reader's language and kept as codes in the API.
    @Test func codesAreToldAsWords() async throws {
        let w = try await Workshop.open()
        let body = w.report().with("importance", "part").with("difficulty", "hard").with("sub_type", "repair")
        let made = try await w.api("customer").post("/tickets", body.with("urgency", "critical"))
        let number = made.json["number"]?.string ?? ""
        for key in ["importance", "difficulty", "sub_type", "urgency"] {
            #expect(made.json[key]?.string == body.with("urgency", "critical")[key]?.string)
        }
        for page in ["/tickets/\(number)", "/tickets/\(number)/form"] {
            let text = try await w.api("service_manager").page(page).text
            for key in ["importance.part", "difficulty.hard", "sub_type.repair", "urgency.critical"] {
                #expect(text.contains(said("ticket.\(key)")), "\(page) \(key)")
            }
            for code in ["hard", "repair", "critical"] { #expect(!text.contains(">\(code)<"), "\(page)") }
        }
        try await w.house.close()
    }
}
