import Base
import ServiceLevels
import Store

/// How many legs fell due in a stretch of time, and how many of them were met.
struct WorkRate: Sendable, Equatable {
    var met = 0
    var missed = 0
    var due: Int { met + missed }
    /// nil where nothing fell due.
    var share: Double? { due == 0 ? nil : Double(met) / Double(due) }
    /// `95.8%`, or a dash.
    var text: String { share.map { WorkParts.percent($0) } ?? "–" }
}

/// Rates of response and solution. The population of a period is what fell due in it: neither what was
/// received nor what was finished then, so that a late one can't hide by staying open.
enum WorkRates {
    struct Key: Hashable, Sendable {
        var leg: Leg
        var bucket: Int
        /// Empty where it is asked for all together, or the ticket has none.
        var project: String
    }

    /// The first instants of the present month of the house and of those before, and the next one's.
    static func months(_ count: Int, _ zone: Zone, now: Instant) -> [Instant] {
        let today = CivilDate.date(dayNumber: zone.wall(now).dayNumber)
        let last = today.year * 12 + today.month - 1
        return (last - count + 1...last + 1).map { n in
            zone.instant(
                WallTime(
                    dayNumber: CivilDate.dayNumber(year: n / 12, month: n % 12 + 1, day: 1), secondOfDay: 0))
        }
    }

    /// Counts by leg and stretch between the bounds, each cycle of a ticket for itself; imported tickets
    /// and void legs are outside. A part that was split off counts only where it is late by itself: one
    /// case cut into twenty would else be twenty met ones.
    static func read(_ bounds: [Instant], byProject: Bool = false, _ tx: Transaction) throws -> [Key:
        WorkRate]
    {
        guard let start = bounds.first, let end = bounds.last else { return [:] }
        let until = min(end, tx.now + Span(ms: 1))
        var out: [Key: WorkRate] = [:]
        let project: SQL = byProject ? "coalesce(t.project_id, '')" : "''"
        let visible = TicketAccess.visible(to: tx.actor)
        for leg in Leg.allCases {
            let due: SQL = leg == .response ? "r_due_at" : "s_due_at"
            let verdict: SQL = leg == .response ? "r_verdict" : "s_verdict"
            // A leg that stands still has no due instant; the stored one only serves the order.
            let paused: SQL = leg == .response ? "" : "and t.s_remaining_ms is null"
            let stopped: SQL = leg == .response ? "t.r_stopped_at" : "t.s_stopped_at"
            let counts: SQL = """
                (t.parent_id is null or (\(verdict) <> 'met' and coalesce(\(stopped), \(farInstant)) > t.created_at))
                """
            let bucket = bucket(due, Array(bounds.dropFirst().dropLast()))
            try tx.each(
                """
                select bucket, project, sum(met), sum(missed) from (
                  select \(bucket) as bucket, \(project) as project,
                    case when \(verdict) = 'met' then 1 else 0 end as met,
                    case when \(verdict) in ('missed', 'pending') then 1 else 0 end as missed
                  from ticket t where \(visible) and t.origin <> 'imported' and \(due) >= \(start)
                    and \(due) < \(until) \(paused) and \(counts)
                  union all
                  select \(bucket), \(project), case when \(verdict) = 'met' then 1 else 0 end,
                    case when \(verdict) in ('missed', 'pending') then 1 else 0 end
                  from (select c.r_due_at, c.s_due_at, c.r_verdict, c.s_verdict, f.project_id, f.id, f.state,
                      f.created_by, f.organization_id, f.parent_id
                    from ticket_cycle c join ticket f on f.id = c.ticket_id) t
                  where \(visible) and \(due) >= \(start) and \(due) < \(until)
                    and (t.parent_id is null or \(verdict) <> 'met')) counted
                group by bucket, project
                """
            ) { r in
                let key = Key(leg: leg, bucket: r.count(), project: r.text())
                out[key] = WorkRate(met: r.count(), missed: r.count())
            }
        }
        return out
    }

    private static func bucket(_ due: SQL, _ inner: [Instant]) -> SQL {
        guard !inner.isEmpty else { return "0" }
        var sql: SQL = "case"
        for (i, bound) in inner.enumerated() { sql += " when \(due) < \(bound) then \(i)" }
        return sql + " else \(inner.count) end"
    }
}
