import Base
import Foundation
import Store
import TestKit
import Testing

@testable import Tickets
@testable import fettle

/// Imported and back-dated tickets against the recurring work: what is long past wakes nobody up.
@Suite struct AbuseImportTests {
    private static let map = """
        {"zone": "UTC", "date_format": "D/M/YYYY HH:MM", "missing": "?",
         "columns": {"number": "no", "state": "st", "at": "changed", "received_at": "opened",
           "closed_at": "closed", "verdict": "sla"},
         "title": "{title}", "states": {"New": "submitted", "Done": "archived"},
         "priority": {"scheme": {"id": "iu", "version": 1, "axes": [
             {"key": "impact", "levels": [{"key": "h"}, {"key": "l"}]},
             {"key": "urgency", "levels": [{"key": "h"}, {"key": "l"}]}],
           "cells": [{"levels": ["h", "h"], "priority": "P1"}, {"levels": ["l", "l"], "priority": "P4"}]},
          "axes": {"impact": {"column": "imp", "levels": {"H": "h", "L": "l"}},
                   "urgency": {"column": "urg", "levels": {"H": "h", "L": "l"}}}}}
        """

    private func take(_ count: Int, into w: Workshop) async throws {
        var text = "no,st,changed,opened,closed,sla,title,imp,urg\n"
        for i in 0..<count {
            // Half of them were never closed over there, and all are graded: only their being imported
            // keeps the clocks off them.
            text += "INC\(i),New,1/7/2016 08:05,1/7/2016 08:00,?,false,\"Pump \(i)\",H,H\n"
            if i % 2 == 0 {
                text +=
                    "INC\(i),Done,2/7/2016 08:05,1/7/2016 08:00,2/7/2016 08:05,false,\"Pump \(i)\",H,H\n"
            }
        }
        let csv = text
        let map = try IncidentMap(json: JSON.parse(Self.map))
        _ = try await w.house.store.write(by: .system("import")) { tx in
            var work = TicketImport(map, source: "log.csv")
            for row in try CSV.Reader.rows(of: Array(csv.utf8)) { try work.take(row, tx) }
            return try work.finish(tx)
        }
    }

    /// All recurring work of the house, as the runner does it.
    private func runJobs(_ w: Workshop) async throws {
        for job in Areas.jobs { try await job.run(w.house.store) }
    }

    private func counts(_ w: Workshop) async throws -> [String: Int64] {
        try await w.house.store.read(by: .system("test")) { tx in
            [
                "notices": try tx.int("select count(*) from notice"),
                "history": try tx.int("select count(*) from history where subject_kind = 'ticket'"),
                "waiting": try tx.int(
                    """
                    select count(*) from ticket where next_warning_at is not null
                      or absence_due_at is not null or provisional_due_at is not null
                    """),
                "clocks": try tx.int("select count(*) from ticket_clock"),
            ]
        }
    }

    @Test func oldImportedTicketsWakeNobody() async throws {
        let w = try await Workshop.open()
        try await take(200, into: w)
        let before = try await counts(w)
        #expect(before["waiting"] == 0)
        #expect(before["notices"] == 0)
        #expect(before["history"] == 500, "300 events and 200 that tell of the import")
        // The first look, the next day, after two months, and after an edit of the service levels.
        for day in [0, 1, 60] {
            w.house.clock.set(House.morning + .days(Int64(day)))
            if day == 60 {
                let book = try await w.api("administrator").get("/admin/levels/calendars/24x7")
                #expect(book.status == 200)
                try await w.house.store.write(by: .system("test")) { tx in
                    try tx.record(Fact("levels.changed", Subject("level_calendar", "24x7")))
                }
            }
            try await runJobs(w)
            #expect(try await counts(w) == before, "day \(day)")
        }
        #expect(try await w.house.store.read(by: .system("test")) { try TicketJobs.nextDue($0) } == nil)
        for who in ["service_manager", "management", "engineer", "quality", "technical_lead"] {
            let told = try await w.api(who).get("/notifications").json["items"]?.array
            #expect(told?.isEmpty == true, "\(who)")
        }
        // They stand in no queue and no rate, but they are there, by their own numbers.
        for path in ["/tickets?overdue=1", "/tickets?state=open", "/tickets?state=submitted"] {
            let list = try await w.api("service_manager").get(path).json["items"]?.array
            #expect(list?.isEmpty == true, "\(path)")
        }
        let rates = try await w.house.store.read(by: .system("test")) { tx in
            try WorkRates.read([Instant(ms: 0), tx.now + .days(1)], tx)
        }
        #expect(rates.isEmpty)
        let one = try await w.api("service_manager").get("/tickets/INC7")
        #expect(one.json["origin"]?.string == "imported")
        #expect(one.json["sla"]?["response"]?["verdict"]?.string != "missed")
        // Nobody takes a step on it: corrections are addenda.
        for step in ["reopening", "closure", "responses", "cancellation"] {
            let reply = try await w.api("quality").post("/tickets/INC7/\(step)", ["reason": "x"])
            #expect([403, 409].contains(reply.status), "\(step): \(reply.status)")
        }
        try await w.take("quality", "INC7", "addenda", ["body": "It was the seal"], expect: 201)
        try await runJobs(w)
        #expect(try await counts(w)["notices"] == 0)
        try await w.house.close()
    }

    /// A ticket that is entered a year late has missed its targets: none of the warnings that would have
    /// been is made up for, neither at the first look nor at a later one.
    @Test func aBackdatedTicketWakesNobodyForThePast() async throws {
        let w = try await Workshop.open()
        for i in 0..<5 {
            let made = try await w.api("service_manager").post(
                "/tickets",
                .object(
                    (w.report(serial: "B-\(i)").members ?? []) + [
                        .init("received_at", .of(House.morning - .days(365))),
                        .init("received_reason", "Found on paper"),
                        .init("requester_id", .string(w.id("customer"))),
                    ]))
            #expect(made.status == 201, "\(made.text)")
        }
        for day in [0, 0, 1, 30] {
            w.house.clock.set(House.morning + .days(Int64(day)))
            for job in Areas.jobs where job.name == "sla" { try await job.run(w.house.store) }
        }
        // It was missed before anybody knew of it: the lists say so, and nobody is woken up for it.
        let told = try await w.house.store.read(by: .system("test")) {
            try $0.int("select count(*) from notice where kind like 'ticket.sla%'")
        }
        #expect(told == 0)
        let listed = try await w.api("service_manager").get("/tickets").json["items"]?.array ?? []
        #expect(listed.count == 5)
        for t in listed { #expect(t["sla"]?["response"]?["verdict"]?.string == "missed") }
        try await w.house.close()
    }

    struct Bomb: Sendable {
        var name: String
        var bytes: [UInt8]
    }

    static let bombs: [Bomb] = [
        Bomb(name: "zip", bytes: [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 64)),
        Bomb(name: "gzip", bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]),
        Bomb(name: "xml", bytes: Array("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\n&e;".utf8)),
        Bomb(
            name: "a quote that never ends",
            bytes: Array("no,opened\n\"".utf8) + [UInt8](repeating: 0x61, count: 5_000_000)),
        Bomb(
            name: "a line that never ends",
            bytes: Array("no,opened\n".utf8) + [UInt8](repeating: 0x2C, count: 2_000_000)),
    ]

    /// 27: an import reads CSV and a map in JSON, nothing packed and nothing with entities, so that there
    /// is no archive to burst and no entity to fetch: such files are refused as what they are, by line
    /// and column, and nothing of them stays. (XLSX is only written.)
    @Test(arguments: bombs)
    func abuse27ImportReadsOnlyCSVAndJSONWhichHoldNoBombAndNoEntity(_ file: Bomb) async throws {
        let w = try await Workshop.open()
        let path = w.house.folder + "/upload.csv"
        try Data(file.bytes).write(to: URL(fileURLWithPath: path))
        let map = try IncidentMap(json: JSON.parse(Self.map))
        let failure = await #expect(throws: Failure.self) {
            _ = try await w.house.store.write(by: .system("import")) { tx in
                try TicketImport.run(file: path, map, tx)
            }
        }
        let code = failure?.code ?? ""
        #expect(code.hasPrefix("csv.") || code.hasPrefix("import."), "\(file.name): \(code)")
        #expect(failure?.arguments["line"] != nil, "\(file.name)")
        #expect(!(failure.map { "\($0)" } ?? "").contains("root:"))
        #expect(throws: Failure.self) { try JSON.parse(file.bytes) }
        #expect(throws: Failure.self) { try JSON.parse([UInt8](repeating: 0x5B, count: 100_000)) }
        let left = try await w.house.store.read(by: .system("test")) {
            try $0.int("select count(*) from ticket")
        }
        #expect(left == 0)
        try await w.house.close()
    }
}
