import Base
import Foundation
import TestKit
import Testing

/// What every form does alike: optional fields say so, times have a calendar, nobody's word is put in
/// their mouth; and images are seen where they were sent.
@Suite struct FormPartsTests {
    private func label(_ page: String, _ id: String) -> String {
        guard let from = page.firstRange(of: "<label for=\"\(id)\">"),
            let to = page[from.upperBound...].firstRange(of: "</label>")
        else { return "no label for \(id)" }
        return String(page[from.upperBound..<to.lowerBound])
    }

    private func input(_ page: String, _ id: String) -> String {
        guard let from = page.firstRange(of: " id=\"\(id)\"") else { return "no control \(id)" }
        return String(page[from.lowerBound...].prefix { $0 != ">" })
    }

    @Test func optionalFieldsSaySo() async throws {
        let w = try await Workshop.open()
        let page = try await w.api("administrator").page("/admin/accounts/new").text
        for (field, isOptional) in [
            ("login", false), ("name", false), ("organization_id", false), ("language", false),
            ("name_latin", true), ("email", true), ("phone", true), ("time_zone", true),
        ] {
            #expect(
                label(page, "f-\(field)").contains("class=\"optional\"") == isOptional, "\(field)")
        }
        try await w.house.close()
    }

    /// The browser's calendar sends `T` between day and time; both are the reader's own time.
    @Test(arguments: ["2026-03-08T05:50", "2026-03-08 05:50"])
    func aTimeIsTheReadersOwn(_ typed: String) async throws {
        let w = try await Workshop.open()
        let customer = w.api("customer")
        let blank = try await customer.page("/tickets/new").text
        #expect(input(blank, "f-found_at").contains("type=\"datetime-local\""))
        let sent = try await customer.upload(
            "/tickets",
            [
                ("category", "quality"), ("title", "Noise"), ("description", "It hums."),
                ("site_id", w.id("site")), ("serial", "A-1"), ("found_at", typed), ("draft", "1"),
            ])
        let place = try #require(sent.header("Location"), "\(sent.status)")
        let number = try #require(place.split(whereSeparator: { "/?".contains($0) }).dropFirst().first)
        let edit = try await customer.page("/tickets/\(number)/edit").text
        #expect(input(edit, "f-found_at").contains("type=\"datetime-local\" value=\"2026-03-08T05:50\""))
        try await w.house.close()
    }

    /// What the calendar can't show comes back as it was typed.
    @Test func aRefusedTimeComesBack() async throws {
        let w = try await Workshop.open()
        let again = try await w.api("customer").upload(
            "/tickets",
            [
                ("category", "quality"), ("title", "Noise"), ("description", "It hums."),
                ("site_id", w.id("site")), ("found_at", "last Tuesday"),
            ])
        #expect(again.status == 422)
        #expect(input(again.text, "f-found_at").contains("type=\"text\" value=\"last Tuesday\""))
        try await w.house.close()
    }

    /// The site lead says it; the computed verdict only stands beside.
    @Test func attestationIsNotFilledIn() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        try await w.bringToWork(number, "P4")
        try await w.bringToEvaluation(number)
        let page = try await w.api("site_lead").page("/tickets/\(number)?do=attestation").text
        let choices = page.matches(of: /<input type="radio" name="(?:response|solution)_met"[^>]*>/)
        #expect(choices.count == 4)
        for choice in choices {
            #expect(!choice.0.contains(" checked"))
            #expect(choice.0.contains(" required"))
        }
        try await w.house.close()
    }

    @Test func smallImagesAreShown() async throws {
        let s = try await Scene.open()
        for (who, isSeen) in [("customer", true), ("engineer", true)] {
            let page = try await s.w.api(who).page("/tickets/\(s.worked)").text
            #expect(page.contains("<img src=\"/attachments/\(s.publicFile)?show=1\"") == isSeen, "\(who)")
            #expect(!page.contains("/attachments/\(s.internalFile)?show=1"), "\(who)")
        }
        let image = try await s.w.api("customer").page("/attachments/\(s.publicFile)?show=1")
        #expect(image.header("Content-Disposition")?.hasPrefix("inline") == true)
        try await s.close()
    }

    /// The unit leads, so that those who sit together stand together.
    @Test func ownersStandByUnit() async throws {
        let s = try await Scene.open()
        let page = try await s.w.api("service_manager").page("/tickets/\(s.worked)?do=tasks").text
        let select = try #require(page.components(separatedBy: "id=\"f-owner_id\"").last)
        let options = select.components(separatedBy: "</select>")[0]
        let units = options.matches(of: /<option value="[^"]+">([^<]+) · [^<]+<\/option>/).map {
            String($0.1)
        }
        #expect(units.count > 3)
        let runs = units.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
        #expect(Set(runs).count == runs.count, "a unit stands in two places: \(runs)")
        try await s.close()
    }

    /// An administrator sees no tickets; what they look for is people.
    @Test func administratorsFindPeople() async throws {
        let w = try await Workshop.open()
        let reply = try await w.api("administrator").page("/search?q=engineer%202")
        #expect(reply.status == 303)
        #expect(reply.header("Location") == "/admin/accounts?q=engineer+2")
        #expect(try await w.api("engineer").page("/search?q=engineer").status == 200)
        try await w.house.close()
    }
}
