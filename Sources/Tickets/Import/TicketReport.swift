import Base
import Store

/// Figures over tickets that were taken over from another system, read from their history: what
/// `fettle report sla` says. Each incident counts with the values of its last event.
public struct TicketReport: Sendable {
    /// What one incident adds, kept while its rows are read.
    private struct Incident {
        var values: [String: JSON] = [:]
        var events = 0
        var state: String?
        var missedIn: String?
        var priorityChanged = false
    }

    /// Made and all, of a group.
    private struct Share {
        var n = 0
        var made = 0
        var reassigned: Int64 = 0
    }

    private var events = 0
    private var incidents = 0
    private var byPriority: [String: Share] = [:]
    private var all = Share()
    private var reopened = 0
    private var reopenings: Int64 = 0
    private var mostReassigned: Int64 = 0
    private var neverReassigned = 0
    private var groups: [String: Share] = [:]
    private var withoutGroup = 0
    private var weeks: [String: Int] = [:]
    private var months: [String: Int] = [:]
    /// Hours by priority.
    private var toResolve: [String: [Double]] = [:]
    private var toClose: [String: [Double]] = [:]
    private var unresolved = 0
    private var contacts: [String: Int] = [:]
    private var codes: [String: Int] = [:]
    private var knowledge = 0
    private var confirmed = 0
    private var grades: [String: Int] = [:]
    private var states: [String: Int] = [:]
    private var transitions: [String: Int] = [:]
    private var firstStates: [String: Int] = [:]
    private var eventCounts: [Double] = []
    private var missedIn: [String: Int] = [:]
    private var priorityChanges = 0

    /// Stands for a value that was not recorded.
    private static let unknown = "?"

    /// Reads the history of all imported tickets, one row at a time.
    public init(_ tx: Transaction) throws {
        var subject = ""
        var incident = Incident()
        var zone = Zone.utc
        var zones: [String: Zone] = ["UTC": .utc]
        try tx.stream(
            """
            select h.subject_id, h.kind, h.data from history h
            where h.subject_kind = 'ticket' and h.subject_id in (select id from ticket where origin = 'imported')
            order by h.subject_kind, h.subject_id, h.number
            """
        ) { r in
            let id = r.text()
            let kind = r.text()
            if id != subject {
                add(incident, zone)
                incident = Incident()
                subject = id
            }
            if kind == TicketImport.importedKind {
                let name = r.json()["zone"]?.string ?? "UTC"
                zone = zones[name] ?? Zone(name) ?? .utc
                zones[name] = zone
            } else if kind == TicketImport.eventKind {
                take(r.json(), &incident)
            }
        }
        add(incident, zone)
    }

    private mutating func take(_ data: JSON, _ incident: inout Incident) {
        incident.events += 1
        let priority = incident.values["priority"]
        for m in data.members ?? [] { incident.values[m.name] = m.value }
        if incident.events > 1, priority != incident.values["priority"] { incident.priorityChanged = true }
        let state = incident.values["state"]?.string ?? TicketReport.unknown
        states[state, default: 0] += 1
        if let before = incident.state {
            transitions["\(before) -> \(state)", default: 0] += 1
        } else {
            firstStates[state, default: 0] += 1
        }
        incident.state = state
        if incident.missedIn == nil, incident.values["verdict"]?.bool == false { incident.missedIn = state }
    }

    private mutating func add(_ incident: Incident, _ zone: Zone) {
        guard incident.events > 0 else { return }
        func text(_ name: String) -> String? { incident.values[name]?.string }
        func time(_ name: String) -> Instant? { text(name).flatMap { Instant(rfc3339: $0) } }
        func count(_ name: String) -> Int64 { incident.values[name]?.int ?? 0 }
        incidents += 1
        events += incident.events
        eventCounts.append(Double(incident.events))
        if incident.priorityChanged { priorityChanges += 1 }
        if let state = incident.missedIn { missedIn[state, default: 0] += 1 }
        let made = incident.values["verdict"]?.bool == true ? 1 : 0
        let priority = text("priority") ?? TicketReport.unknown
        let reassigned = count("reassignments")
        all.n += 1
        all.made += made
        all.reassigned += reassigned
        byPriority[priority, default: Share()].n += 1
        byPriority[priority, default: Share()].made += made
        if count("reopenings") > 0 { reopened += 1 }
        reopenings += count("reopenings")
        mostReassigned = max(mostReassigned, reassigned)
        if reassigned == 0 { neverReassigned += 1 }
        if let group = text("group") {
            groups[group, default: Share()].n += 1
            groups[group, default: Share()].made += made
            groups[group, default: Share()].reassigned += reassigned
        } else {
            withoutGroup += 1
        }
        contacts[text("contact") ?? TicketReport.unknown, default: 0] += 1
        codes[text("closed_code") ?? TicketReport.unknown, default: 0] += 1
        if incident.values["knowledge"]?.bool == true { knowledge += 1 }
        if incident.values["priority_confirmed"]?.bool == true { confirmed += 1 }
        let axes = [text("impact"), text("urgency"), text("priority")].map { $0 ?? TicketReport.unknown }
        grades[axes.joined(separator: "|"), default: 0] += 1
        guard let received = time("received_at") else { return }
        let day = zone.wall(received).dayNumber
        weeks[TicketReport.isoWeek(day), default: 0] += 1
        months[String(CivilDate.text(dayNumber: day).prefix(7)), default: 0] += 1
        if let resolved = time("resolved_at") {
            toResolve[priority, default: []].append(TicketReport.hours(resolved - received))
        } else {
            unresolved += 1
        }
        if let closed = time("closed_at") {
            toClose[priority, default: []].append(TicketReport.hours(closed - received))
        }
    }

    private static func hours(_ span: Span) -> Double { Double(span.ms) / 3_600_000 }

    /// `2016-W09` (ISO 8601): a week belongs to the year that its Thursday lies in.
    static func isoWeek(_ day: Int) -> String {
        let sinceMonday = (CivilDate.weekday(dayNumber: day) + 6) % 7
        let thursday = day - sinceMonday + 3
        let year = CivilDate.date(dayNumber: thursday).year
        let week = (thursday - CivilDate.dayNumber(year: year, month: 1, day: 1)) / 7 + 1
        return "\(year)-W\(twoDigits(week))"
    }

    /// The quantile by linear interpolation between the two nearest ranks (Hyndman and Fan's seventh
    /// definition, the default of most packages); the values in ascending order.
    static func quantile(_ sorted: [Double], _ p: Double) -> Double {
        guard let last = sorted.last else { return 0 }
        let rank = p * Double(sorted.count - 1)
        let below = Int(rank.rounded(.down))
        guard below + 1 < sorted.count else { return last }
        return sorted[below] + (sorted[below + 1] - sorted[below]) * (rank - Double(below))
    }
}

// MARK: - Handing out

extension TicketReport {
    private static func rounded(_ x: Double) -> JSON {
        .double((x * 1_000_000).rounded() / 1_000_000)
    }

    private static func rate(_ a: some BinaryInteger, _ b: Int) -> JSON {
        rounded(b == 0 ? 0 : Double(a) / Double(b))
    }

    /// By key.
    private static func counts(_ d: [String: Int]) -> JSON {
        .object(d.sorted { $0.key < $1.key }.map { .init($0.key, .of($0.value)) })
    }

    /// The most frequent first.
    private static func ranked(_ d: [String: Int]) -> JSON {
        .object(
            d.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
                .map { .init($0.key, .of($0.value)) })
    }

    private static func times(_ byPriority: [String: [Double]]) -> JSON {
        func figures(_ values: [Double]) -> JSON {
            let sorted = values.sorted()
            let sum = sorted.reduce(0, +)
            return .make([
                "n": .of(sorted.count), "median": rounded(quantile(sorted, 0.5)),
                "p90": rounded(quantile(sorted, 0.9)),
                "mean": rounded(sorted.isEmpty ? 0 : sum / Double(sorted.count)),
                "max": rounded(sorted.last ?? 0),
            ])
        }
        return .object(
            [.init("all", figures(byPriority.values.flatMap { $0 }))]
                + byPriority.sorted { $0.key < $1.key }.map { .init($0.key, figures($0.value)) })
    }

    /// Every figure; hours and rates rounded to six decimals.
    public var json: JSON {
        let top = groups.sorted { $0.value.n != $1.value.n ? $0.value.n > $1.value.n : $0.key < $1.key }
            .prefix(10)
        let counted = eventCounts.sorted()
        return .make([
            "events": .of(events),
            "incidents": .of(incidents),
            "incidents_by_priority": TicketReport.counts(byPriority.mapValues(\.n)),
            "made_sla_true_incidents": .of(all.made),
            "made_sla_rate": TicketReport.rate(all.made, all.n),
            "made_sla_by_priority": .object(
                byPriority.sorted { $0.key < $1.key }.map { name, s in
                    .init(
                        name,
                        .make([
                            "n": .of(s.n), "made": .of(s.made), "rate": TicketReport.rate(s.made, s.n),
                        ]))
                }),
            "reopened_incidents": .of(reopened),
            "reopen_rate": TicketReport.rate(reopened, all.n),
            "reopen_count_sum": .of(reopenings),
            "reassignment_mean": TicketReport.rate(all.reassigned, all.n),
            "reassignment_sum": .of(all.reassigned),
            "reassignment_max": .of(mostReassigned),
            "share_zero_reassignment": TicketReport.rate(neverReassigned, all.n),
            "top10_assignment_groups": .array(
                top.map { name, s in
                    .make([
                        "group": .string(name), "n": .of(s.n), "made": .of(s.made),
                        "made_sla_rate": TicketReport.rate(s.made, s.n),
                        "mean_reassignment": TicketReport.rate(s.reassigned, s.n),
                    ])
                }),
            "assignment_group_unknown_at_close": .of(withoutGroup),
            "opened_per_iso_week": TicketReport.counts(weeks),
            "opened_per_month": TicketReport.counts(months),
            "time_to_resolve_hours": TicketReport.times(toResolve),
            "time_to_close_hours": TicketReport.times(toClose),
            "resolved_at_missing_incidents": .of(unresolved),
            "contact_type_at_close": TicketReport.counts(contacts),
            "closed_code": TicketReport.counts(codes),
            "knowledge_true_incidents": .of(knowledge),
            "u_priority_confirmation_true_incidents": .of(confirmed),
            "impact_urgency_priority_at_close": TicketReport.counts(grades),
            "events_by_state": TicketReport.counts(states),
            "state_transitions_consecutive_events": TicketReport.ranked(transitions),
            "first_state": TicketReport.counts(firstStates),
            "events_per_incident": .make([
                "mean": TicketReport.rate(events, all.n),
                "median": TicketReport.rounded(TicketReport.quantile(counted, 0.5)),
                "max": .of(counted.last.map { Int($0) } ?? 0),
            ]),
            "made_sla_false_first_seen_in_state": TicketReport.counts(missedIn),
            "incidents_with_priority_change": .of(priorityChanges),
        ])
    }

    /// The main figures for people, one line each.
    public var text: String {
        func percent(_ a: Int, _ b: Int) -> String {
            guard b > 0 else { return "–" }
            let tenths = Int((Double(a) / Double(b) * 1000).rounded())
            return "\(tenths / 10).\(tenths % 10) %"
        }
        func hours(_ x: Double) -> String { String((x * 100).rounded() / 100) }
        var lines = [
            "Imported tickets     \(incidents) in \(events) events",
            "Service level met    \(all.made) (\(percent(all.made, all.n))), as recorded",
        ]
        for (name, s) in byPriority.sorted(by: { $0.key < $1.key }) {
            let label = name.padding(to: 18)
            lines.append("  \(label) \(s.made) of \(s.n) (\(percent(s.made, s.n)))")
        }
        lines.append("Reopened             \(reopened) (\(percent(reopened, all.n)))")
        for (name, values) in [("resolve", toResolve), ("close", toClose)] {
            let sorted = values.values.flatMap { $0 }.sorted()
            guard !sorted.isEmpty else { continue }
            lines.append(
                "Hours to \(name.padding(to: 11)) median \(hours(TicketReport.quantile(sorted, 0.5))), "
                    + "90th percentile \(hours(TicketReport.quantile(sorted, 0.9)))")
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
