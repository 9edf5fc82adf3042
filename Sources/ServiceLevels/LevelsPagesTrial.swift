import Base
import People
import Store
import Web

/// "Received at … as P2: due …": a policy tried out before somebody depends on it.
enum TrialPage {
    struct Input: Command {
        var receivedAt: Instant?
        var priority: String?
        var policy: String?
        var category: String?

        init(_ read: inout FieldReader) {
            receivedAt = read.optionalInstant("received_at")
            priority = read.optionalText("priority", max: 2)
            policy = read.optionalText("policy", max: 64)
            category = read.optionalText("category", max: 40)
        }
    }

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let input: Input
        var wrong: HTML = ""
        do {
            input = try call.filter(Input.self)
        } catch let failure as Failure {
            wrong =
                "<p class=\"banner banner-bad\" role=\"alert\">\(Icon.alert)<span>\(failure.fields.first.map { call.strings("error." + $0.code, $0.arguments) } ?? failure.sentence(call.strings))</span></p>"
            var empty = FieldReader(query: [], zone: call.zone)
            input = Input(&empty)
        }
        let book = try ServiceLevels.book(tx)
        let origin = input.receivedAt ?? call.now
        let priority = input.priority.flatMap(Priority.init(code:)) ?? .p2
        let items = try tx.levelItems(.policy).filter(\.isActive)
        let item = items.first { $0.id == input.policy } ?? items.first { $0.id == "house" } ?? items.first
        var answer: HTML = ""
        if let item, let policy = book.policy(item.id, version: item.version) {
            answer = try explain(policy, priority, input.category, origin, book, call)
        }
        func value(_ name: String, _ standard: String) -> String { call.queryValue(name) ?? standard }
        func select(_ name: String, _ label: String, _ options: [(String, String)], _ chosen: String) -> HTML
        {
            """
            <div class="field"><label for="f-\(name)">\(label)</label><select class="select" id="f-\(name)" name="\(name)">\
            \(options.html { v, shown in "<option value=\"\(v)\"\(HTML.when(v == chosen, " selected"))>\(shown)</option>" })</select></div>
            """
        }
        let title = call.t("levels.trial")
        let categories = ["quality", "request", "project"].map { ($0, call.t("levels.category.\($0)")) }
        return try Layout.page(
            call, tx, title: title, current: "/admin/levels",
            """
            \(LevelsParts.head(title, lead: call.t("levels.trial.lead"), crumbs: true, call))\(wrong)\
            <div class="stack-l"><form class="form" method="get" action="/admin/levels/trial">\
            <div class="field"><label for="f-received_at">\(call.t("levels.received"))</label><span class="hint" id="h-received_at">\(call.t("form.time_zone", ["zone": call.placeName(call.zone)]))</span>\
            \(Form.moment("received_at", id: "f-received_at", value("received_at", call.zone.formText(origin)), " aria-describedby=\"h-received_at\""))</div>\
            \(select("priority", call.t("levels.grade"), Priority.allCases.map { ($0.code, $0.code) }, priority.code))\
            \(select("policy", call.t("levels.policy"), items.map { ($0.id, LevelsParts.name($0, call)) }, item?.id ?? ""))\
            \(select("category", call.t("levels.category"), [("", "–")] + categories, input.category ?? ""))\
            <div class="row"><button class="btn btn-primary" type="submit">\(call.t("levels.try"))</button></div></form>\(answer)</div>
            """)
    }

    private static func explain(
        _ policy: ServiceLevelPolicy, _ priority: Priority, _ category: String?, _ origin: Instant,
        _ book: LevelsBook, _ call: Call
    ) throws -> HTML {
        let clock = ServiceClock(
            origin: origin, events: [ClockEvent(origin, .graded(Grade(priority)))],
            terms: try book.terms(policy, category: category?.isEmpty == false ? category : nil))
        return try Leg.allCases.map { leg in
            let state = clock.state(of: leg, at: origin)
            guard let target = policy.targets(priority, category: category)?[leg],
                let calendar = book.calendars[policy.calendar(leg, target)]
            else { throw Failure.conflict("levels.calendar_unknown") }
            let zone = calendar.zone
            let due = state.projectedDue
            let isProvisional = calendar.rules.isProvisional(from: origin, to: due)
            let rows = clock.explanation(of: leg, at: origin).html { interval($0, call, zone) }
            return LevelsParts.panel(
                call.t("levels.leg.\(leg.rawValue)"),
                """
                <p><strong>\(call.t("levels.due"))</strong> \(Times(call).full(due, other: zone)) \
                <span class="muted small">\(zone.identifier) \(zone.wall(due).text) · \(LevelsParts.target(target, call))</span></p>\
                \(HTML.when(isProvisional, "<p class=\"banner banner-warn\">\(Icon.alert)<span>\(call.t("levels.trial.provisional"))</span></p>"))\
                \(LevelsParts.table(call.t("levels.intervals"), ["\(call.t("levels.interval")) (\(zone.identifier))", call.t("levels.kind"), call.t("levels.length"), call.t("levels.total"), call.t("levels.why")], cards: false, numbers: [2, 3], rows))
                """)
        }.html { $0 }
    }

    /// One stretch, in the calendar's zone, the reader's on hover.
    private static func interval(_ i: ClockInterval, _ call: Call, _ zone: Zone) -> HTML {
        let style =
            switch i.kind {
            case .counted, .toCount: "tag tag-accent"
            case .outsideHours, .stopped: "tag"
            case .paused: "tag tag-warn"
            }
        let reader = call.zone
        return """
            <tr><td class="nowrap"><time title="\(reader.identifier) \(reader.wall(i.from).text)">\(zone.wall(i.from).text)</time> – \
            <time title="\(reader.identifier) \(reader.wall(i.to).text)">\(zone.wall(i.to).text)</time></td>\
            <td><span class="\(style)">\(call.t("levels.interval.\(i.kind.rawValue)"))</span></td><td class="n">\(Times.span(i.to - i.from))</td>\
            <td class="n">\(Times.span(i.total))</td><td>\(i.reason.isEmpty ? "" : call.t("levels.reason.\(i.reason)"))</td></tr>
            """
    }
}
