import Base
import Store
import Web

extension People {
    /// A person as they act now, by their posts in force; nil where the account or its organisation
    /// is no longer active. For work on somebody's behalf that comes by no credential.
    public static func actor(of account: AccountID, _ tx: Transaction) throws -> Actor? {
        try caller(
            """
            select a.id as account_id, '' as form_token, 0 as confirmed_at, \(tx.now) as seen_at
            from account a where a.id = \(account)
            """, hash: "", isSession: false, SeenCredentials(), tx)?.actor
    }

    /// When somebody is away; nil from for no leave.
    @discardableResult
    public static func setLeave(of account: Account, from: Instant?, to: Instant?, _ tx: Transaction) throws
        -> Account
    {
        try requireAdministrator(tx)
        if let from, let to, to <= from { throw Failure.invalid("leave_to", "field.ends_before") }
        var new = account
        new.leaveFrom = from
        new.leaveTo = from == nil ? nil : to
        var difference = Difference()
        difference.add("leave_from", account.leaveFrom?.rfc3339, new.leaveFrom?.rfc3339)
        difference.add("leave_to", account.leaveTo?.rfc3339, new.leaveTo?.rfc3339)
        if difference.isEmpty { return account }
        new.version = try tx.update(new)
        try tx.record(Fact("account.changed", Subject("account", account.id), data: difference.json))
        return new
    }
}
