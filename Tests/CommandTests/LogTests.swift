import Base
import Foundation
import People
import Store
import TestKit
import Testing

/// Item 57 of the abuse list, against the program as it runs: what comes from outside makes no line of
/// its own in what the program says, and steers no terminal that shows it.
@Suite(.enabled(if: program != nil, "needs the built program")) struct LogTests {
    static let forged = "2026-01-01T00:00:00+0000 error fettle: FORGED by somebody"

    /// Line ends, colours, a cursor that goes back, C1 controls, and what turns text round.
    static let hostile = [
        "a\r\n\(forged)", "a\n\(forged)", "a\r\(forged)", "a\u{1B}[2K\u{1B}[1A\(forged)", "a\u{85}\(forged)",
        "a\u{2028}\(forged)", "a\u{9B}31m\(forged)", "a\u{202E}\(forged)", "a\u{8}\u{8}\u{8}\(forged)",
        "a\u{B}\(forged)", "a\u{C}\(forged)", "a\u{1B}]0;owned\u{7}",
    ]

    /// No character in it moves, colours or hides, and no line begins as the forged one does.
    static func check(_ text: String, _ what: String) {
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" }) {
            #expect(!line.hasPrefix("2026-01-01T"), "\(what): \(line)")
            let bad = line.unicodeScalars.filter {
                $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || (0x2028...0x202E).contains($0.value)
            }
            #expect(bad.isEmpty, "\(what): \(line.debugDescription)")
        }
    }

    @Test func abuse57NothingForgesALineOfTheLog() async throws {
        signal(SIGPIPE, SIG_IGN)
        let place = try await Place()
        let data = place.folder.path
        let token = try await place.addCustomer()
        let server = try await Served(data: data)
        let client = HTTPClient(port: server.port)
        // From here on every look at a ticket fails inside, and the log tells of each request.
        try await place.damage("alter table ticket rename to gone")
        let bearer = ("Authorization", "Bearer \(token)")
        var asked = 0
        for text in Self.hostile {
            let encoded = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            // As it is, as far as a request line holds it, and encoded.
            let raw = text.replacing("\r", with: "").replacing("\n", with: "").replacing(" ", with: "_")
            for path in [encoded, raw] {
                let reply = try? await client.send(
                    "GET", "/api/v1/tickets/\(path)?q=\(path)",
                    headers: [bearer, ("User-Agent", raw), ("Referer", raw), ("X-Request-ID", raw)])
                if reply?.status == 500 { asked += 1 }
            }
            let made = try await client.send(
                "POST", "/api/v1/tickets", headers: [bearer, ("Content-Type", "application/json")],
                body: JSON.make(["title": .string(text), "description": .string(text), "category": "quality"])
                    .bytes)
            #expect(made.status == 500, "\(made.status)")
            asked += 1
            _ = try? await client.send("GET", "/" + raw, headers: [("Host", raw)])
            _ = try? await client.raw(Array("\(raw) / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        }
        try await place.damage("alter table account rename to nobody")
        for text in Self.hostile {
            let encoded = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let reply = try await client.send(
                "POST", "/sign-in",
                headers: [
                    ("Content-Type", "application/x-www-form-urlencoded"),
                    ("User-Agent", text.replacing("\r", with: "").replacing("\n", with: "")),
                ], body: Array("login=\(encoded)&password=\(encoded)".utf8))
            if reply.status == 500 { asked += 1 }
        }
        server.stop()
        let (out, log) = await server.ended()
        Self.check(out, "standard output")
        Self.check(log, "standard error")
        #expect(out.split(separator: "\n").count == 1, "it says where it listens, and no more: \(out)")
        let lines = log.split(separator: "\n")
        #expect(asked > Self.hostile.count)
        #expect(lines.count >= asked, "every fault was told: \(lines.count) lines, \(asked) requests")
        #expect(log.contains("FORGED"), "the paths were in it, within their lines")
        for line in lines {
            #expect(line.contains(/^\d{4}-\d\d-\d\dT[0-9:.+Z-]+ [a-z]+ fettle/), "\(line)")
        }
    }

    /// The commands quote from files; a cell cannot write over what was said before.
    @Test func abuse57NoFileSteersTheTerminal() async throws {
        let place = try await Place()
        let map = try place.file("map.json", ImportTests.map)
        for text in Self.hostile {
            let cell = "\"\(text)\""
            let csv = try place.file(
                "bad.csv",
                ImportTests.heading + "A1,New,1/7/2016 08:00,1/7/2016 07:55,?,true,0,?,t,\(cell),H\n")
            let ran = try await fettle(["import", "tickets", csv, "--map", map], data: place.folder.path)
            #expect(ran.code == 2, "\(text.debugDescription)")
            #expect(ran.err.split(separator: "\n").count == 1, "\(ran.err.debugDescription)")
            Self.check(ran.err + ran.out, text.debugDescription)
            let name = try await fettle(["user", "disable", text], data: place.folder.path)
            #expect(name.code == 2)
            Self.check(name.err + name.out, text.debugDescription)
        }
    }
}
