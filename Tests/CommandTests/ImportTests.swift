import Base
import Foundation
import ServiceLevels
import Store
import Testing

@testable import Tickets

@Suite struct ImportTests {
    static let map = """
        {"zone": "Europe/Rome", "date_format": "D/M/YYYY HH:MM", "missing": "?",
         "columns": {"number": "no", "state": "st", "at": "changed", "received_at": "opened",
           "closed_at": "closed", "verdict": "sla", "reassignments": "moves", "requester": "who"},
         "title": "{title}", "states": {"New": "submitted", "Done": "archived"},
         "priority": {"scheme": {"id": "iu", "version": 1, "axes": [
             {"key": "impact", "levels": [{"key": "h"}, {"key": "l"}]},
             {"key": "urgency", "levels": [{"key": "h"}, {"key": "l"}]}],
           "cells": [{"levels": ["h", "h"], "priority": "P1"}, {"levels": ["l", "l"], "priority": "P4"}]},
          "axes": {"impact": {"column": "imp", "levels": {"H": "h", "L": "l"}},
                   "urgency": {"column": "urg", "levels": {"H": "h", "L": "l"}}}}}
        """
    static let heading = "no,st,changed,opened,closed,sla,moves,who,title,imp,urg\n"
    static let good =
        heading + """
            A1,New,1/7/2016 08:00,1/7/2016 07:55,?,true,0,?,"pump, leaks",H,H
            B7,New,1/7/2016 08:05,1/7/2016 08:01,?,true,0,Li,'=cmd,L,L
            A1,Done,2/7/2016 09:00,1/7/2016 07:55,2/7/2016 09:00,false,2,?,"pump, leaks",H,H
            B7,-100,3/7/2016 10:00,1/7/2016 08:01,3/7/2016 10:00,true,0,Li,'=cmd,L,H

            """

    func run(_ text: String, into place: Place, isTrial: Bool = false) async throws -> TicketImport.Report {
        let map = try IncidentMap(json: JSON.parse(ImportTests.map))
        return try await place.store.write(.long, by: .system("import")) { tx in
            var work = TicketImport(map, source: "log.csv", isTrial: isTrial)
            for row in try CSV.Reader.rows(of: Array(text.utf8)) { try work.take(row, tx) }
            return try work.finish(tx)
        }
    }

    @Test func aTicketIsItsLastEventAndEveryEventIsInItsHistory() async throws {
        let place = try await Place()
        let report = try await run(ImportTests.good, into: place)
        #expect(report.tickets == 2)
        #expect(report.events == 4)
        #expect(report.unknownStates == ["-100": 1])
        #expect(report.missing == ["closed": 2, "who": 2])
        // L × H is a cell that the scheme leaves empty.
        #expect(report.ungraded == 1)
    }

    @Test func theTicketsAreArchivedWithTheirRecordedVerdict() async throws {
        let place = try await Place()
        _ = try await run(ImportTests.good, into: place)
        let found = try await place.read { tx in
            try tx.rows(
                "select \(Transaction.ticketColumns) from ticket t order by number", Transaction.readTicket)
        }
        let a = try #require(found.first).ticket
        #expect(a.number == "A1")
        #expect(a.state == .archived)
        #expect(a.isImported)
        #expect(a.recordedVerdict == false)
        #expect(a.priority == .p1)
        #expect(a.title == "pump, leaks")
        // 07:55 in Rome's summer is 05:55 UTC.
        #expect(a.receivedAt?.rfc3339 == "2016-07-01T05:55:00Z")
        #expect(a.closure?.at.rfc3339 == "2016-07-02T07:00:00Z")
        #expect(found[0].clocks == ClockColumns())
        let b = found[1].ticket
        #expect(b.title == "=cmd")
        #expect(b.requesterName == "Li")
        #expect(b.priority == nil)
        let rows = try await place.read { try $0.history(of: Subject("ticket", a.id)) }
        #expect(rows.map(\.kind) == ["ticket.past_event", "ticket.past_event", "ticket.imported"])
        #expect(rows[1].at.rfc3339 == "2016-07-02T07:00:00Z")
        #expect(rows[1].data["state"]?.string == "Done")
        #expect(rows[1].data["title"] == nil)
        #expect(rows[2].at == now)
        let verified = try await place.read { try (History.verify($0), TicketVerify.run($0)) }
        #expect(verified.0.faults == [])
        #expect(verified.1.faults == [])
        #expect(verified.1.tickets == 2)
    }

    @Test(arguments: [
        ("A1,New,32/7/2016 08:00,1/7/2016 07:55,?,true,0,?,t,H,H\n", "import.time", 2, 8),
        ("A1,New,1/7/2016 08:00,?,?,true,0,?,t,H,H\n", "import.time", 2, 23),
        ("A1,New,1/7/2016 08:00,1/7/2016 07:55,?,yes,0,?,t,H,H\n", "import.truth", 2, 40),
        ("A1,New,1/7/2016 08:00,1/7/2016 07:55,?,true,-1,?,t,H,H\n", "import.count", 2, 45),
        ("A1,New,1/7/2016 08:00,1/7/2016 07:55,?,true,0,?,t,X,H\n", "import.level", 2, 51),
        ("?,New,1/7/2016 08:00,1/7/2016 07:55,?,true,0,?,t,H,H\n", "import.number", 2, 1),
        ("FT-26-0001,New,1/7/2016 08:00,1/7/2016 07:55,?,true,0,?,t,H,H\n", "import.number", 2, 1),
        ("A1,New,1/7/2016 08:00\n", "csv.columns", 2, 1),
        (
            "A1,New,1/7/2016 08:00,1/7/2016 07:55,?,true,0,?,t,H,H\n"
                + "A1,New,1/7/2016 08:0,1/7/2016 07:55,?,true,0,?,t,H,H\n", "import.time", 3, 8
        ),
    ])
    func aBadFileIsNamedByLineAndColumnAndLeavesNothing(
        _ rows: String, _ code: String, _ line: Int, _ column: Int
    ) async throws {
        let place = try await Place()
        do {
            _ = try await run(ImportTests.heading + rows, into: place)
            Issue.record("was taken")
        } catch let failure as Failure {
            #expect(failure.code == code)
            #expect(failure.arguments["line"] == String(line))
            #expect(failure.arguments["column"] == String(column))
        }
        let left = try await place.read { tx in
            try tx.int("select count(*) from ticket")
                + tx.int("select count(*) from history where kind like 'ticket%'")
        }
        #expect(left == 0)
    }

    @Test func aKnownNumberIsRefusedByName() async throws {
        let place = try await Place()
        _ = try await run(ImportTests.good, into: place)
        do {
            _ = try await run(ImportTests.good, into: place)
            Issue.record("was taken twice")
        } catch let failure as Failure {
            #expect(failure.code == "import.exists")
            #expect(failure.arguments == ["line": "2", "column": "1", "number": "A1"])
        }
    }

    @Test func aTrialWritesNothing() async throws {
        let place = try await Place()
        let report = try await run(ImportTests.good, into: place, isTrial: true)
        #expect(report.tickets == 2)
        #expect(try await place.read { try $0.int("select count(*) from ticket") } == 0)
    }

    @Test func whatIsExportedCanBeTakenOverUnchanged() async throws {
        let texts = [
            "=1+1", "+49 30", "-5", "@x", "'=x", "''", "a,b", "say \"x\"", "two\nlines", "＝全角", "泵漏油",
            "\ttab",
        ]
        var writer = CSV.Writer()
        writer.row(["no", "opened", "title"])
        for (i, text) in texts.enumerated() {
            writer.row(["N\(i)", "2026-01-0\(1 + i % 9) 10:00", text])
        }
        let map = """
            {"zone": "UTC", "date_format": "YYYY-MM-DD HH:MM", "title": "{title}",
             "columns": {"number": "no", "received_at": "opened"}}
            """
        let exported = try await transfer(writer.take(), map)
        #expect(exported.prefix(3) == [0xEF, 0xBB, 0xBF])
        let again = """
            {"zone": "UTC", "date_format": "rfc3339", "title": "{title}",
             "columns": {"number": "number", "received_at": "received_at"}}
            """
        let twice = try await transfer(exported, again)
        #expect(twice == exported)
        let rows = try CSV.Reader.rows(of: exported)
        let title = try #require(rows[0].fields.firstIndex(of: "title"))
        let number = try #require(rows[0].fields.firstIndex(of: "number"))
        for row in rows.dropFirst() {
            let i = try #require(Int(row.fields[number].dropFirst()))
            #expect(row.fields[title] == texts[i])
        }
    }

    /// Imports into a new place and exports from it.
    func transfer(_ csv: [UInt8], _ map: String) async throws -> [UInt8] {
        let place = try await Place()
        let map = try IncidentMap(json: JSON.parse(map))
        _ = try await place.store.write(.long, by: .system("import")) { tx in
            var work = TicketImport(map, source: "a.csv")
            for row in try CSV.Reader.rows(of: csv) { try work.take(row, tx) }
            return try work.finish(tx)
        }
        return try await place.read { tx in
            var writer = CSV.Writer()
            writer.row(TicketExport.columns.map(\.name))
            var last: TicketID?
            var lines: [[CSV.Cell]] = []
            repeat {
                let page = try TicketExport.page(after: last, limit: 5, tx)
                lines += page.rows.map { $0.map(\.csv) }
                last = page.last
            } while last != nil
            // Ids of one millisecond have no order of their own.
            func number(_ cells: [CSV.Cell]) -> String { if case .text(let s) = cells[0] { s } else { "" } }
            for cells in lines.sorted(by: { number($0) < number($1) }) { writer.row(cells) }
            return writer.take()
        }
    }

    @Test(.enabled(if: sharedData != nil, "needs ../shared/data"))
    func theReportOnTheRealLogIsTheExpectedOne() async throws {
        let folder = try #require(sharedData).appendingPathComponent("incidents")
        let expected = try JSON.parse(
            Data(contentsOf: folder.appendingPathComponent("expected.json")))
        let place = try await Place()
        let csv = place.folder.appendingPathComponent("log.csv")
        let gunzip = Process()
        gunzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gunzip.arguments = [
            "sh", "-c", "gunzip -c \"$1\" > \"$2\"", "sh",
            folder.appendingPathComponent("incident_event_log.csv.gz").path, csv.path,
        ]
        try gunzip.run()
        gunzip.waitUntilExit()
        #expect(gunzip.terminationStatus == 0)
        let map = try incidentMap()
        let report = try await place.store.write(.long, by: .system("import")) { tx in
            try TicketImport.run(file: csv.path, map, tx)
        }
        #expect(report.tickets == 17460)
        #expect(report.events == 99390)
        #expect(report.unknownStates == ["-100": 5])
        #expect(report.missing["caused_by"] == 99378)
        #expect(report.ungraded == 0)
        let (json, text) = try await place.read { tx in
            let report = try TicketReport(tx)
            return (report.json, report.text)
        }
        #expect(text.contains("63.2 %"))
        compare(json, expected["expected"] ?? .null, "expected")
        let faults = try await place.read { try History.verify($0).faults + TicketVerify.run($0).faults }
        #expect(faults == [])
    }

    /// Equal in structure; the order of keys does not count.
    func compare(_ a: JSON, _ b: JSON, _ path: String) {
        if case .object(let x) = a, case .object(let y) = b {
            #expect(Set(x.map(\.name)) == Set(y.map(\.name)), "\(path)")
            for m in y { compare(a[m.name] ?? .null, m.value, path + "." + m.name) }
        } else if case .array(let x) = a, case .array(let y) = b {
            #expect(x.count == y.count, "\(path)")
            for (i, (p, q)) in zip(x, y).enumerated() { compare(p, q, "\(path)[\(i)]") }
        } else if let x = a.double, let y = b.double {
            #expect(abs(x - y) < 0.000_001_5, "\(path)")
        } else {
            #expect(a == b, "\(path)")
        }
    }
}
