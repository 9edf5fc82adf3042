import Base
import Testing

@testable import ServiceLevels

@Suite struct PriorityTests {
    @Test(arguments: [
        ("large", "uncommon", Priority.p1), ("large", "common", .p2), ("small", "uncommon", .p3),
        ("small", "common", .p4),
    ])
    func standardTable(_ impact: String, _ commonness: String, _ priority: Priority) throws {
        let scheme = try PriorityScheme.standard()
        let levels = ["impact": impact, "commonness": commonness]
        #expect(try scheme.priority(of: levels) == priority)
        #expect(try scheme.priority(of: levels, safety: true) == .p1)
        #expect(try scheme.priority(of: [:], safety: true) == .p1)
    }

    static func large() throws -> PriorityScheme {
        try PriorityScheme(
            id: "itil", version: 3,
            axes: [
                .init("impact", levels: ["site", "unit", "person"].map { .init($0) }),
                .init("urgency", levels: ["now", "soon", "later"].map { .init($0) }),
                .init("stage", Label([.english: "Stage"]), levels: ["guarantee", "after"].map { .init($0) }),
            ],
            cells: [
                .init(["site", "now", "guarantee"], .p1), .init(["site", "soon", "after"], .p2),
                .init(["person", "later", "after"], .p4),
            ])
    }

    @Test func anySizeAndEmptyCellsRefuse() throws {
        let scheme = try Self.large()
        #expect(
            try scheme.priority(of: ["stage": "after", "impact": "site", "urgency": "soon"]) == .p2)
        #expect {
            try scheme.priority(of: ["stage": "after", "impact": "unit", "urgency": "soon"])
        } throws: {
            ($0 as? Failure)?.code == "levels.cell_empty"
        }
        func field(_ levels: [String: String], safety: Bool = false) -> String? {
            do {
                _ = try scheme.priority(of: levels, safety: safety)
                return nil
            } catch {
                return (error as? Failure)?.fields.first?.code
            }
        }
        #expect(field(["impact": "site", "urgency": "now"]) == "levels.axis_missing")
        #expect(field(["impact": "site", "mood": "bad"], safety: true) == "levels.axis_unknown")
        #expect(field(["impact": "galaxy"], safety: true) == "levels.level_unknown")
    }

    @Test func schemesAreStoredAsText() throws {
        for scheme in [try PriorityScheme.standard(), try Self.large()] {
            let again = try PriorityScheme(json: JSON.parse(scheme.json.text))
            #expect(again == scheme)
            #expect(again.json.text == scheme.json.text)
        }
    }

    @Test(arguments: [
        #"{"id":"x","version":1,"axes":[],"cells":[]}"#,
        #"{"id":"x","version":1,"axes":[{"key":"a","levels":[{"key":"l"}]}],"cells":[]}"#,
        #"{"id":"x","version":0,"axes":[{"key":"a","levels":[{"key":"l"}]},{"key":"b","levels":[{"key":"l"}]}],"cells":[]}"#,
        #"{"id":"x","version":1,"axes":[{"key":"a","levels":[{"key":"l"}]},{"key":"a","levels":[{"key":"l"}]}],"cells":[]}"#,
        #"{"id":"x","version":1,"axes":[{"key":"a","levels":[{"key":"l"}]},{"key":"b","levels":[{"key":"l"}]}],"cells":[{"levels":["l"],"priority":"P1"}]}"#,
        #"{"id":"x","version":1,"axes":[{"key":"a","levels":[{"key":"l"}]},{"key":"b","levels":[{"key":"l"}]}],"cells":[{"levels":["l","l"],"priority":"P5"}]}"#,
        #"{"id":"x","version":1,"axes":[{"key":"a","levels":[{"key":"l"}]},{"key":"b","levels":[{"key":"l"}]}],"cells":[{"levels":["l","l"],"priority":"P1"},{"levels":["l","l"],"priority":"P2"}]}"#,
        "[]", #"{"id":7}"#,
    ])
    func wrongSchemes(_ text: String) throws {
        let json = try JSON.parse(text)
        #expect(throws: Failure.self) { try PriorityScheme(json: json) }
    }
}

@Suite struct PolicyTests {
    static func policy(
        _ id: String, _ version: Int, _ scope: PolicyScope, from: Double, until: Double? = nil
    ) throws -> ServiceLevelPolicy {
        var p = try ServiceLevelPolicy.standard(from: h(from))
        (p.id, p.version, p.scope, p.effectiveUntil) = (id, version, scope, until.map { h($0) })
        return p
    }

    @Test(
        arguments: [
            ("i", "p", "c", 10.0, "item 1"), ("j", "p", "c", 10, "project 1"),
            (nil, "q", "c", 10, "contract 1"),
            (nil, "q", "c", 20, "contract 2"), (nil, nil, "c", 19.9, "contract 1"),
            (nil, nil, nil, 10, "house 1"),
            (nil, "q", "c", 40, "house 1"), ("i", "p", "c", 4, "house 1"), ("i", "p", "c", -1, nil),
        ] as [(String?, String?, String?, Double, String?)])
    func closestWins(
        _ item: String?, _ project: String?, _ contract: String?, _ received: Double, _ expected: String?
    ) throws {
        let all = [
            try Self.policy("house", 1, .house, from: 0),
            try Self.policy("contract", 1, .contract("c"), from: 5),
            try Self.policy("contract", 2, .contract("c"), from: 20, until: 30),
            try Self.policy("project", 1, .project("p"), from: 5),
            try Self.policy("item", 1, .catalogueItem("i"), from: 5),
        ].map { policy in
            var p = policy
            if p.id == "contract", p.version == 1 { p.effectiveUntil = h(30) }
            return p
        }
        let found = all.shuffled().closest(
            catalogueItem: item, project: project, contract: contract, receivedAt: h(received))
        #expect(found.map { "\($0.id) \($0.version)" } == expected)
    }

    @Test func tableOneOfThePaper() throws {
        let policy = try ServiceLevelPolicy.standard(from: t0)
        let hours: [(Priority, Int64, Int64)] = [
            (.p1, 2, 24), (.p2, 4, 72), (.p3, 12, 168), (.p4, 24, 336),
        ]
        for (priority, response, solution) in hours {
            let row = try #require(policy.targets(priority, category: "quality"))
            #expect(row == GradeTargets(response: .hours(response), solution: .hours(solution)))
        }
    }

    @Test func categoriesHaveRowsOfTheirOwnAndAllIsStoredAsText() throws {
        var policy = try Self.policy("c", 7, .contract("K-9"), from: 3, until: 99)
        policy.label = Label(en: "Gold", hans: "金牌", hant: "金牌")
        policy.categories = [
            "request": [
                .p3: GradeTargets(
                    response: .workingDays(1), solution: Target(.workingDays(3), calendar: "cn"))
            ]
        ]
        #expect(try ServiceLevelPolicy(json: JSON.parse(policy.json.text)) == policy)
        #expect(policy.calendars == ["24x7", "cn"])
        #expect(policy.targets(.p3, category: "request")?.response == .workingDays(1))
        #expect(policy.targets(.p2, category: "request") == policy.targets[.p2])
        #expect(throws: Failure.self) {
            try ClockTerms(policy, category: "request", calendars: CalendarBook([always]))
        }
        #expect(throws: Failure.self) {
            var json = policy.json.text
            json.replace(#""counted_s":7200"#, with: #""counted_s":-1"#)
            _ = try ServiceLevelPolicy(json: JSON.parse(json))
        }
        #expect(throws: Failure.self) {
            var json = policy.json.text
            json.replace(#""P4""#, with: #""P5""#)
            _ = try ServiceLevelPolicy(json: JSON.parse(json))
        }
    }

    @Test func calendarsAreStoredAsText() throws {
        var set = try HolidaySet(id: "KE", label: Label([.english: "Kenya"]), daysOff: ["2026-06-01"])
        set.add(20_000, .init(isOff: false, name: "补班"))
        #expect(try HolidaySet(json: JSON.parse(set.json.text)) == set)
        let definition = try office("Africa/Nairobi", holidays: [set]).rules.definition
        #expect(try CalendarDefinition(json: JSON.parse(definition.json.text)) == definition)
        #expect(throws: Failure.self) { try WorkCalendar(definition) }
        #expect(throws: Failure.self) { try HolidaySet(id: "x", daysOff: ["2026-02-29"]) }
    }

    @Test func everySentenceIsThereInEachLanguage() {
        let keys = Strings.of(.english).keys.filter { $0.contains("levels.") }
        #expect(keys.count > 30)
        for language in Language.allCases {
            for key in keys { #expect(Strings.of(language).has(key), "\(language) \(key)") }
        }
    }
}
