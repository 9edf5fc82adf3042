import Base
import Store
import TestKit
import Testing

/// What contradicts itself is refused by name: never half of it taken in silence.
@Suite struct ContradictionTests {
    private static func field(_ reply: HTTPClient.Response) -> String? {
        reply.json["errors"]?.array?.first?["field"]?.string
    }

    @Test func aPostEndsAfterItBegins() async throws {
        let w = try await Workshop.open()
        let path = "/admin/accounts/\(w.id("target"))/posts"
        let now = w.house.clock.now
        let early = JSON.of(now - .hours(1))
        let late = JSON.of(now + .hours(1))
        for body in [
            ["role": "engineer", "to_at": early] as JSON, ["role": "engineer", "to_at": .of(now)],
            ["role": "engineer", "from_at": late, "to_at": .of(now)],
            ["role": "engineer", "from_at": late, "to_at": late],
        ] {
            let reply = try await w.api("administrator").post(path, body)
            #expect(reply.status == 422 && Self.field(reply) == "to_at", "\(body.text): \(reply.text)")
        }
        // One that is ended before it began was never in force, and not the other way round.
        let made = try await w.api("administrator").post(path, ["role": "engineer", "from_at": late])
        #expect(made.status == 201, "\(made.text)")
        let post = try await w.api("administrator").get("/admin/accounts/\(w.id("target"))").json["posts"]?
            .array?.first?["id"]?.string
        let before = try await w.api("administrator").post(
            "\(path)/\(post ?? "")/ending", ["to_at": early])
        #expect(before.status == 422 && Self.field(before) == "to_at", "\(before.text)")
        let ended = try await w.api("administrator").post("\(path)/\(post ?? "")/ending", [:])
        #expect(ended.status == 200 && ended.json["to_at"] == late, "\(ended.text)")
        try await w.house.close()
    }

    @Test func aPolicyEndsAfterItBeginsAndStandsAlone() async throws {
        let w = try await Workshop.open()
        let path = "/admin/levels/policies"
        func content(_ from: String, _ until: String?, project: String = "project") -> JSON {
            var members = (LevelsTests.policy((2, 24)).members ?? []).filter {
                $0.name != "scope" && $0.name != "effective_from"
            }
            members.append(.init("scope", ["kind": "project", "id": .string(w.id(project))]))
            members.append(.init("effective_from", .string(from)))
            if let until { members.append(.init("effective_until", .string(until))) }
            return .object(members)
        }
        func make(_ id: String, _ content: JSON) async throws -> HTTPClient.Response {
            try await w.api("administrator").post(path, ["id": .string(id), "content": content])
        }
        let (march, may, july) = ("2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z", "2026-07-01T00:00:00Z")
        for until in [march, "2026-02-01T00:00:00Z"] {
            let reply = try await make("a", content(march, until))
            #expect(reply.status == 422 && Self.field(reply) == "content.effective_until", "\(reply.text)")
        }
        #expect(try await make("a", content(march, may)).status == 201)
        for (from, until) in [
            (march, may), ("2026-01-01T00:00:00Z", nil), ("2026-04-01T00:00:00Z", july),
            ("2026-01-01T00:00:00Z", "2026-03-02T00:00:00Z"),
        ] {
            let reply = try await make("b", content(from, until))
            #expect(reply.status == 422 && Self.field(reply) == "content.effective_from", "\(reply.text)")
            #expect(reply.json["errors"]?.array?.first?["code"]?.string == "levels.overlaps")
        }
        #expect(try await make("b", content(may, july)).status == 201, "one after the other")
        #expect(try await make("c", content(march, nil, project: "foreign_project")).status == 201)
        // A change may not grow into a neighbour; an ended one is in nobody's way.
        func put(_ content: JSON, active: Bool, version: Int) async throws -> HTTPClient.Response {
            try await w.api("administrator").send(
                "PUT", path + "/a", ["content": content, "is_active": .bool(active)],
                headers: [("If-Match", "\"\(version)\"")])
        }
        #expect(try await put(content(march, july), active: true, version: 1).status == 422)
        #expect(try await put(content(march, may), active: false, version: 1).status == 200)
        #expect(try await make("d", content(march, may)).status == 201)
        try await w.house.close()
    }

    @Test func twoNamesOfOneThingMustAgree() async throws {
        let w = try await Workshop.open()
        let (number, _) = try await w.enter()
        let manager = w.api("service_manager")
        let differ: JSON = [
            "category": "quality", "impact": "small", "axes": ["impact": "large", "commonness": "common"],
        ]
        let refused = try await manager.post("/tickets/\(number)/approval", differ)
        #expect(refused.status == 422 && Self.field(refused) == "impact", "\(refused.text)")
        let cell = try await w.page(
            "service_manager", "POST", "/tickets/\(number)/approval",
            form: "category=quality&axes.cell=impact%3Dlarge%3Bcommonness%3Dcommon&commonness=uncommon")
        #expect(cell.status == 422)
        let agree: JSON = [
            "category": "quality", "impact": "small", "commonness": "common",
            "axes": ["impact": "small", "commonness": "common"],
        ]
        let graded = try await manager.post("/tickets/\(number)/approval", agree)
        #expect(graded.status == 200, "\(graded.text)")
        try await w.take("service_manager", number, "assignment", ["engineer_id": .string(w.id("engineer"))])
        try await w.take("engineer", number, "acceptance")
        try await w.take("engineer", number, "responses", ["body": "We are on it."], expect: 201)
        func solution(_ minor: Int64) async throws -> HTTPClient.Response {
            try await w.api("engineer").post(
                "/tickets/\(number)/solution",
                ["statement": "Replace the board.", "cost": "120.50", "cost_minor": .int(minor)])
        }
        let cost = try await solution(12_000)
        #expect(cost.status == 422 && Self.field(cost) == "cost", "\(cost.text)")
        #expect(try await solution(12_050).status == 200)
        try await w.house.close()
    }

    /// What reading a setting gives can be written again as it is.
    @Test func aSettingIsWrittenAsItIsRead() async throws {
        let w = try await Workshop.open()
        let admin = w.api("administrator")
        let path = "/admin/settings"
        func put(_ name: String, _ body: JSON, version: Int64 = 0) async throws -> HTTPClient.Response {
            try await admin.send(
                "PUT", "\(path)/\(name)", body, headers: [("If-Match", "\"\(version)\"")])
        }
        let all = try await admin.get(path).json["items"]?.array ?? []
        #expect(all.count == 13)
        for item in all {
            let name = item["name"]?.string ?? ""
            let reply = try await put(name, ["value": item["value"] ?? .null])
            #expect(reply.status == 200 && reply.json["value"] == item["value"], "\(name): \(reply.text)")
        }
        for (name, value) in [
            ("session_hours", "12"), ("session_hours", true), ("session_hours", ["zh": "a"]),
            ("currency", 12), ("house_name", "Kestrel"), ("house_name", 3), ("quiet_from", 22),
        ] as [(String, JSON)] {
            let reply = try await put(name, ["value": value], version: 1)
            #expect(
                reply.status == 422 && Self.field(reply) == "value", "\(name) \(value.text): \(reply.text)")
        }
        // The other fields stay, and may not differ from it.
        #expect(try await put("session_hours", ["value": 8, "number": 9], version: 1).status == 422)
        #expect(
            try await put("cost_limit_minor", ["number": 9, "amount": "10.00"], version: 1).status == 422)
        #expect(try await put("session_hours", ["value": 8, "number": 8], version: 1).status == 200)
        #expect(try await put("session_hours", ["number": 9], version: 2).json["value"]?.int == 9)
        #expect(try await put("cost_limit_minor", ["amount": "10.00"], version: 1).json["value"]?.int == 1000)
        try await w.house.close()
    }

    /// An address is kept in logs and histories: the form's secret counts in a body or a header alone.
    @Test func theSecretInTheAddressProvesNothing() async throws {
        let w = try await Workshop.open()
        let me = try await w.signIn("customer")
        func sign(_ path: String, _ form: String, _ headers: [(String, String)] = []) async throws -> Int {
            try await w.client.send(
                "POST", path,
                headers: [
                    ("Cookie", "fettle_session=\(me.cookie)"),
                    ("Content-Type", "application/x-www-form-urlencoded"),
                ] + headers, body: Array(form.utf8)
            ).status
        }
        #expect(try await sign("/language?_form=\(me.secret)", "language=en") == 403)
        #expect(try await sign("/language", "language=en&_form=\(me.secret)") == 303)
        #expect(try await sign("/language", "language=en", [("X-Form-Token", me.secret)]) == 303)
        try await w.house.close()
    }
}
