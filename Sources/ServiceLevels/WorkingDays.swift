import Base

extension WorkCalendar {
    /// Working days touched from one instant to another, both days counted; 0 where `to` lies before.
    public func workingDays(from: Instant, to: Instant) -> Int {
        guard to >= from else { return 0 }
        let first = rules.day(of: from)
        // Ten years bound the walk; nothing that asks looks further back.
        let last = min(rules.day(of: to), first + 3660)
        return (first...last).count { rules.isWorkday($0) }
    }
}
