import Base
import Store

extension TicketJobs {
    /// When the next of this area's jobs has something to do; nil where nothing waits. Lets a simulated
    /// time stop where the real one would have.
    public static func nextDue(_ tx: Transaction) throws -> Instant? {
        try tx.first(
            """
            select min(at) from (select min(next_warning_at) as at from ticket
              union all select min(absence_due_at) from ticket
              union all select min(provisional_due_at) from ticket
              union all select min(escalate_at) from notice) due
            """
        ) { $0.instantOrNil() } ?? nil
    }
}
