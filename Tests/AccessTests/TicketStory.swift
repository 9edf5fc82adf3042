import Base
import Foundation
import ServiceLevels
import Store
import TestKit

@testable import fettle

/// The design's example as it happened: an over-current alarm at Naivasha, from Thursday to Tuesday.
struct TicketStory {
    let workshop: Workshop
    let number: String

    static func at(_ text: String) -> Instant { Instant(rfc3339: text + ":00+03:00") ?? Instant(ms: 0) }

    /// The working hours of the site and a policy of the project over them.
    static func levels(_ workshop: Workshop) async throws {
        let project = workshop.id("project")
        try await workshop.house.store.write(by: .system("test")) { tx in
            let spans = [DaySpan("08:00", "12:30"), DaySpan("13:30", "17:00")].compactMap { $0 }
            let calendar = try CalendarDefinition.weekly(
                id: "naivasha", label: Label(en: "Naivasha working hours", hans: "奈瓦沙工作时间", hant: "奈瓦沙工作時間"),
                zone: "Africa/Nairobi", weekdays: 1...5, spans: spans)
            _ = try tx.addLevelItem(.calendar, "naivasha", calendar.json)
            let row = GradeTargets(response: .hours(4), solution: .hours(24))
            let policy = try ServiceLevelPolicy(
                id: "rift", label: Label(en: "Rift contract", hans: "Rift 合同", hant: "Rift 合約"),
                scope: .project(project), effectiveFrom: Instant(ms: 0), responseCalendar: "naivasha",
                solutionCalendar: "naivasha", targets: [.p1: row, .p2: row, .p3: row, .p4: row])
            _ = try tx.addLevelItem(.policy, "rift", policy.json)
        }
    }

    /// Up to Tuesday 10:24: paused once, the cause signed, the solution still to come.
    static func tell() async throws -> TicketStory {
        let w = try await Workshop.open(at: at("2026-03-05T16:10"))
        try await levels(w)
        let made = try await w.api("customer").post("/tickets", w.report())
        guard let number = made.json["number"]?.string else { throw Trouble(description: made.text) }
        let story = TicketStory(workshop: w, number: number)
        try await story.step(
            "2026-03-05T16:36", "service_manager", "approval",
            .make(["category": "quality", "nature": "technical", "impact": "large", "commonness": "common"]))
        try await story.step(
            "2026-03-05T16:41", "service_manager", "assignment",
            .make(["engineer_id": .string(w.id("engineer"))]))
        try await story.step("2026-03-05T16:50", "engineer", "acceptance")
        try await story.step(
            "2026-03-06T09:24", "engineer", "responses",
            .make(["body": "Dear Ms Mwangi, please limit the azimuth rate to 6°/s until we know the cause."]))
        try await story.step(
            "2026-03-06T09:31", "engineer", "notes",
            .make(["body": "同一批次 23W31 的驱动器，先不要提批次。"]))
        try await story.step(
            "2026-03-06T10:40", "engineer", "pause", .make(["question": "Could you send the drive logs?"]))
        try await story.step(
            "2026-03-09T09:15", "customer", "responses", .make(["body": "Logs of three passes attached."]))
        try await story.step(
            "2026-03-09T10:02", "service_manager", "tasks",
            .make([
                "kind": "material", "title": "预留 SD-40A × 2", "owner_id": .string(w.id("engineer")),
                "due_at": "2026-03-11T09:00:00Z",
            ]))
        try await story.step(
            "2026-03-10T05:20", "technical_lead", "cause",
            .make(["statement": "功率板母线电容提前老化，批次 23W31。"]))
        w.house.clock.set(at("2026-03-10T10:24"))
        return story
    }

    /// Takes a step at a time of the site's.
    @discardableResult
    func step(_ time: String?, _ who: String, _ step: String, _ body: JSON? = nil) async throws -> JSON {
        if let time { workshop.house.clock.set(TicketStory.at(time)) }
        let reply = try await workshop.api(who).post("/tickets/\(number)/\(step)", body)
        guard reply.status < 300 else {
            throw Trouble(description: "\(who) \(step): \(reply.status) \(reply.text)")
        }
        return reply.json
    }

    /// The ticket's page as somebody sees it.
    func page(_ who: String, _ rest: String = "") async throws -> HTTPClient.Response {
        try await workshop.client.send(
            "GET", "/tickets/\(number)\(rest)",
            headers: [("Authorization", "Bearer \(workshop.tokens[who] ?? "none")")])
    }
}

/// A step of the story that did not go.
struct Trouble: Error, CustomStringConvertible {
    var description: String
}
