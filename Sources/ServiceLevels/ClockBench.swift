import Base

/// How fast the clock is in the common case: graded at once, answered, one pause, running.
public enum ClockBench {
    /// Evaluations of all three legs per second on the calling thread.
    ///
    /// - Parameters:
    ///   - calendar: for both legs.
    ///   - count: how many evaluations.
    ///   - nanoseconds: a clock that only goes forward; composition passes the system's.
    public static func evaluationsPerSecond(
        calendar: WorkCalendar, count: Int = 1_000_000, nanoseconds: () -> UInt64
    ) throws -> Double {
        let received = Instant(ms: 1_772_700_000_000)
        let policy = try ServiceLevelPolicy.standard(from: .earliest, calendar: calendar.id)
        let terms = try ClockTerms(policy, calendars: CalendarBook([calendar]))
        // Many tickets, so that the calendar's table is not read at one place only.
        let clocks = (0..<512).map { i in
            let origin = received + .minutes(Int64(i) * 997)
            return ServiceClock(
                origin: origin,
                events: [
                    ClockEvent(origin + .minutes(26), .graded(Grade(.p2))),
                    ClockEvent(origin + .minutes(134), .responded),
                    ClockEvent(origin + .hours(18), .paused), ClockEvent(origin + .hours(41), .resumed),
                ], terms: terms)
        }
        var sum: Int64 = 0
        let start = nanoseconds()
        for i in 0..<max(1, count) {
            let clock = clocks[i & 511]
            let state = clock.state(at: clock.origin + .minutes(Int64(i % 9000)))
            sum &+= state.solution.projectedDue.ms &+ state.response.elapsed.ms
        }
        let spent = nanoseconds() &- start
        // The sum is used, so that the work cannot be left out.
        return sum == 0 ? 0 : Double(max(1, count)) / (Double(max(1, spent)) / 1e9)
    }
}
