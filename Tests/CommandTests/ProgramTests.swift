import Base
import Foundation
import People
import Store
import TestKit
import Testing

@testable import Tickets

/// The program itself: what it prints, how it ends.
@Suite(.enabled(if: program != nil, "needs the built program")) struct ProgramTests {
    @Test func badInputIsOneLineAndTwo() async throws {
        let place = try await Place()
        let map = root.appendingPathComponent("Examples/incident-log.map.json").path
        let bad = try place.file("bad.csv", "number,x\nA1,2\n")
        let broken = try place.file("broken.json", "{\n  \"zone\": \"UTC\",,\n}")
        let calendars = try place.file("calendars.json", "{\"calendars\": {}}")
        let cases = try place.file("cases.jsonl", "{\"calendar\": \"none\"}\n")
        let table: [(arguments: [String], says: String)] = [
            (["import", "tickets", "nowhere.csv", "--map", map], "nowhere.csv: "),
            (["import", "tickets", bad, "--map", "nowhere.json"], "nowhere.json: "),
            (["import", "tickets", bad, "--map", broken], "broken.json:2:17: "),
            (["import", "tickets", bad, "--map", map], "bad.csv:1:1: "),
            (["deadlines", "--calendars", calendars, cases], "cases.jsonl:1:"),
            (["deadlines", "--calendars", "nowhere.json", cases], "nowhere.json:1:1: "),
            (["restore", bad], "data already"),
            (["backup", bad], "bad.csv: "),
            (["token", "create", "--user", "nobody"], "does not exist"),
            (["user", "disable", "nobody"], "does not exist"),
            (["user", "add", "boss", "--password", "short"], "password: "),
            (["user", "add", "li", "--role", "customer", "--organization", "Nowhere"], "organization: "),
            // Arguments that say nothing, or what cannot be.
            (["export", "tickets"], "<file>"), (["bogus"], "bogus"), (["verify", "--nope"], "--nope"),
            (["serve", "--port", "abc"], "--port"), (["serve", "--port", "99999"], "0 to 65535"),
            (["serve", "--port", "-1"], "--port"), (["report", "sla", "--format", "x"], "--format"),
            (["export", "tickets", bad + ".txt"], ".csv or .xlsx"),
            (["verify", "--data", "/proc/nowhere"], "/proc/nowhere: "),
            (["demo", "--data", "/proc/nowhere"], "/proc/nowhere: "),
            (["serve", "--database-url", "mysql://x"], "postgres://"),
            (["verify", "--database-url", "postgres://x", "--data", "y"], "not both"),
            (["migrate", "--from", "y"], "--from and --to"),
            (["deadlines", "--data", "x", "--calendars", "c", "k"], "c:1:1: "),
        ]
        for (arguments, says) in table {
            let ran = try await fettle(arguments, data: place.folder.path)
            #expect(ran.code == 2, "\(arguments)")
            #expect(ran.out.isEmpty, "\(arguments)")
            #expect(ran.err.contains(says), "\(arguments): \(ran.err)")
            #expect(ran.err.split(separator: "\n").count == 1, "\(arguments): \(ran.err)")
        }
    }

    /// A database that was asked for and is away is never replaced by a file.
    @Test func theEnvironmentsDatabaseIsMeant() async throws {
        let place = try await Place(isEmpty: true)
        for command in [["verify"], ["serve", "--port", "0"], ["migrate"]] {
            let ran = try await fettle(
                command, data: place.folder.path,
                more: ["FETTLE_DATABASE_URL": "postgres://fettle:geheim@127.0.0.1:1/x"])
            #expect(ran.code == 1 && ran.err.contains("cannot be reached"), "\(command): \(ran.err)")
            #expect(!ran.err.contains("geheim"), "\(command): \(ran.err)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder.path) == [])
    }

    /// Paths of one character, which a path's own functions must not trap on.
    @Test func shortPathsAreNoTrap() async throws {
        let place = try await Place(isEmpty: true)
        let calendar = { (files: String) in
            """
            {"calendars": {"x": {"tz": "UTC", "windows": [["09:00", "12:00"]], "weekdays": [1, 2, 3, 4, 5],
              "holiday_files": "\(files)"}}}
            """
        }
        _ = try place.file(
            "k", #"{"calendar": "x", "start_utc": "2026-01-02T11:00:00Z", "business_minutes": 90}"#)
        _ = try place.file(
            "2026.json", #"{"year": 2026, "days": [{"name": "n", "date": "2026-01-05", "isOffDay": true}]}"#)
        for (files, code, due) in [
            ("*.json", Int32(0), "2026-01-06T09:30:00Z"), ("2026.json", 0, "2026-01-06T09:30:00Z"),
            ("*", 0, "2026-01-05T09:30:00Z"), ("x", 2, "x:1:1"), ("/", 2, "/"), ("z/*", 2, "z/*:1:1"),
        ] {
            _ = try place.file("c", calendar(files))
            for path in ["c", "./c", place.folder.path + "/c"] {
                let ran = try await fettle(
                    ["deadlines", "--calendars", path, "k"], data: place.folder.path, in: place.folder)
                #expect(ran.code == code, "\(files) \(path): \(ran.err)")
                #expect((ran.out + ran.err).contains(due), "\(files) \(path): \(ran.out)\(ran.err)")
            }
        }
    }

    @Test func aTakenAddressIsNamed() async throws {
        let place = try await Place(isEmpty: true)
        let first = try await Served(data: place.folder.path)
        let ran = try await fettle(
            ["serve", "--port", String(first.port)], data: place.folder.path)
        #expect(ran.code == 1)
        #expect(ran.err.contains("127.0.0.1:\(first.port) is taken"), "\(ran.err)")
        #expect(ran.err.split(separator: "\n").count == 1, "\(ran.err)")
        let nowhere = try await fettle(
            ["serve", "--host", "192.0.2.1", "--port", "0"], data: place.folder.path)
        #expect(nowhere.code == 1 && nowhere.err.contains("192.0.2.1:0"), "\(nowhere.err)")
        first.stop()
        _ = await first.ended()
    }

    @Test func accountsAndTokens() async throws {
        let place = try await Place()
        let data = place.folder.path
        let made = try await fettle(["user", "add", "boss", "--role", "administrator"], data: data)
        #expect(made.code == 0)
        #expect(made.out.trimmed.count == 20)
        #expect(try await fettle(["user", "list"], data: data).out == "boss\tboss\tactive\tadministrator\n")
        let token = try await fettle(["token", "create", "--user", "boss"], data: data)
        #expect(token.code == 0)
        #expect(token.out.split(separator: "\n").count == 1)
        // The last administrator cannot be stopped; somebody else can.
        #expect(try await fettle(["user", "add", "li", "--role", "engineer"], data: data).code == 0)
        #expect(try await fettle(["user", "disable", "li"], data: data).code == 0)
        #expect(try await fettle(["user", "list"], data: data).out.contains("li\tli\tdisabled\tengineer"))
        #expect(try await fettle(["token", "create", "--user", "li"], data: data).code == 2)
    }

    @Test func doctorAndVerifyFindAFreshPlaceSound() async throws {
        let place = try await Place()
        let data = place.folder.path
        #expect(try await fettle(["user", "add", "boss", "--role", "administrator"], data: data).code == 0)
        let doctor = try await fettle(["doctor"], data: data)
        if TestEngine.isPostgres {
            // The server of these tests waits for no disk, and that is found.
            let wrong = doctor.out.split(separator: "\n").filter { $0.hasPrefix("wrong") }
            #expect(doctor.code == 1 && wrong == ["wrong fsync: off"], "\(doctor.out)\(doctor.err)")
        } else {
            #expect(doctor.code == 0, "\(doctor.out)\(doctor.err)")
            #expect(doctor.out.contains("synchronous: FULL"))
        }
        let seal = data + "/house.seal"
        for round in 1...2 {
            let ran = try await fettle(["verify", "--seal", seal], data: data)
            #expect(ran.code == 0, "\(ran.out)\(ran.err)")
            #expect(ran.out.contains("\(round - 1) seals"))
        }
        let tampered = try String(contentsOfFile: seal, encoding: .utf8).replacing(
            "\"number\":1", with: "\"number\":2")
        try Data(tampered.utf8).write(to: URL(fileURLWithPath: seal))
        let ran = try await fettle(["verify", "--seal", seal], data: data)
        #expect(ran.code == 1)
        #expect(ran.out.contains("the file was changed"))
    }

    /// Abuse: a restored backup must not revive sessions and links of then.
    @Test func aRestoredBackupOpensNoOldDoors() async throws {
        let place = try await Place()
        let data = place.folder.path
        #expect(try await fettle(["user", "add", "boss", "--role", "administrator"], data: data).code == 0)
        try await place.damage(
            """
            insert into session (token_hash, account_id, form_token, created_at, last_seen_at, idle_ms,
              expires_at, remote, agent)
            select 'h', id, 'f', 1, 1, 4000000000000, 4000000000000, '', '' from account
            """)
        try await place.damage(
            """
            insert into reset_link (token_hash, account_id, created_at, expires_at)
            select 'h', id, 1, 4000000000000 from account
            """)
        try await place.damage(
            """
            insert into rating_link (token_hash, ticket_id, cycle, created_at, expires_at)
            values ('h', 'none', 1, 1, 4000000000000)
            """)
        let file = data + "/house.backup"
        #expect(try await fettle(["backup", file], data: data).code == 0)
        let other = try await Place(isEmpty: true)
        let ran = try await fettle(["restore", file], data: other.folder.path)
        #expect(ran.code == 0, "\(ran.err)")
        try await other.reopen()
        let open = try await other.read { tx in
            [
                try tx.int("select count(*) from session"),
                try tx.int("select count(*) from reset_link where used_at is null"),
                try tx.int("select count(*) from rating_link where used_at is null"),
                try tx.int("select count(*) from account"),
            ]
        }
        #expect(open == [0, 0, 0, 1])
        let again = try await fettle(["restore", file], data: other.folder.path)
        #expect(again.code == 2)
        let damaged = try place.file("damaged.backup", "not a database, though it is long enough for one")
        let third = try await Place(isEmpty: true)
        let refused = try await fettle(["restore", damaged], data: third.folder.path)
        #expect(refused.code == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: third.folder.path) == [])
    }

    @Test func exportsAreWholeFiles() async throws {
        let place = try await Place()
        let data = place.folder.path
        let log = try place.file("log.csv", ImportTests.good)
        let map = try place.file("map.json", ImportTests.map)
        let ran = try await fettle(["import", "tickets", log, "--map", map], data: data)
        #expect(ran.code == 0, "\(ran.err)")
        #expect(try JSON.parse(ran.out)["tickets"]?.int == 2)
        let again = try await fettle(["import", "tickets", log, "--map", map], data: data)
        #expect(again.code == 2)
        #expect(again.err.contains("log.csv:2:1: "))
        #expect(try await fettle(["export", "tickets", data + "/t.csv"], data: data).code == 0)
        #expect(try await fettle(["export", "tickets", data + "/t.xlsx"], data: data).code == 0)
        let csv = try String(contentsOfFile: data + "/t.csv", encoding: .utf8)
        #expect(csv.contains("'=cmd"))
        let sheet = try Data(contentsOf: URL(fileURLWithPath: data + "/t.xlsx"))
        #expect(sheet.prefix(2) == Data("PK".utf8))
        #expect(try await fettle(["verify"], data: data).code == 0)
        #expect(try await fettle(["export", "tickets", data + "/no/t.csv"], data: data).code == 2)
    }
}
