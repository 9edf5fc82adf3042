import Base
import ServiceLevels
import Store
import Web

/// A coordination task as it is kept: people, technology, management or material (协调人员、技术、管理、物资).
public struct StoredTask: Sendable {
    public var id: String
    public var ticket: TicketID
    public var kind: TaskKind
    public var title: String
    public var unit: OrganizationID?
    public var owner: AccountID?
    public var dueAt: Instant?
    public var isDone: Bool
    public var result: String?
    public var doneAt: Instant?
    public var createdAt: Instant
    public var version: Int64

    /// What the rules know of it.
    var command: CoordinationTask {
        CoordinationTask(kind: kind, title: title, unit: unit, owner: owner, dueAt: dueAt)
    }
}

/// A planned visit of an engineer.
public struct StoredVisit: Sendable {
    public var id: String
    public var ticket: TicketID
    public var engineer: AccountID
    public var startAt: Instant
    public var endAt: Instant
}

extension Tickets {
    static let taskColumns: SQL = """
        k.id, k.ticket_id, k.kind, k.title, k.unit_id, k.owner_id, k.due_at, k.is_done, k.result, k.done_at,
        k.created_at, k.version
        """

    static func readTask(_ r: inout Row) -> StoredTask {
        StoredTask(
            id: r.text(), ticket: r.id(), kind: r.choice(.people), title: r.text(), unit: r.idOrNil(),
            owner: r.idOrNil(), dueAt: r.instantOrNil(), isDone: r.bool(), result: r.textOrNil(),
            doneAt: r.instantOrNil(), createdAt: r.instant(), version: r.int())
    }

    static func tasks(of ticket: TicketID, _ tx: Transaction) throws -> [StoredTask] {
        try tx.rows(
            "select \(taskColumns) from ticket_task k where k.ticket_id = \(ticket) order by k.id", readTask)
    }

    static func visits(of ticket: TicketID, _ tx: Transaction) throws -> [StoredVisit] {
        try tx.rows(
            """
            select id, ticket_id, engineer_id, start_at, end_at from ticket_visit where ticket_id = \(ticket)
            order by start_at
            """
        ) { r in
            StoredVisit(
                id: r.text(), ticket: r.id(), engineer: r.id(), startAt: r.instant(), endAt: r.instant())
        }
    }

    /// Checks the references of a new task and stores it; the rule that follows in the same
    /// transaction may still refuse, and then nothing of it stays.
    static func newTask(_ c: TaskInput, _ view: TicketView, _ tx: Transaction) throws -> StoredTask {
        if let owner = c.owner { try mustServe(owner, "owner_id", tx) }
        if let unit = c.unit,
            !(try tx.exists(
                "select 1 from organization where id = \(unit) and is_active = 1 and kind <> 'customer'"))
        {
            throw Failure.invalid("unit_id", "ticket.unknown_reference")
        }
        let id: ID<StoredTask> = tx.makeID()
        try tx.run(
            """
            insert into ticket_task (id, ticket_id, kind, title, unit_id, owner_id, due_at, is_done, created_at,
              created_by, version)
            values (\(id), \(view.ticket.id), \(c.kind ?? .people), \(c.title), \(c.unit),
              \(c.owner), \(c.dueAt), 0, \(tx.now), \(tx.actor.id), 1)
            """)
        if let owner = c.owner {
            let isStaff = try tx.exists(
                """
                select 1 from account a join organization o on o.id = a.organization_id
                where a.id = \(owner) and o.kind in ('house', 'unit')
                """)
            // A supplier sees its task, never the ticket.
            if isStaff {
                try tx.run(
                    """
                    insert into ticket_access (ticket_id, principal) values (\(view.ticket.id), \("a:\(owner)"))
                    on conflict do nothing
                    """)
            }
        }
        return StoredTask(
            id: id.text, ticket: view.ticket.id, kind: c.kind ?? .people, title: c.title, unit: c.unit,
            owner: c.owner,
            dueAt: c.dueAt, isDone: false, result: nil, doneAt: nil, createdAt: tx.now, version: 1)
    }

    static func newVisit(_ c: VisitInput, _ view: TicketView, _ tx: Transaction) throws -> StoredVisit {
        guard
            try tx.exists(
                """
                select 1 from account a join post p on p.account_id = a.id
                where a.id = \(c.engineer) and a.is_active = 1 and p.role = 'engineer'
                  and p.from_at <= \(tx.now) and (p.to_at is null or p.to_at > \(tx.now))
                """)
        else { throw Failure.invalid("engineer_id", "ticket.not_an_engineer") }
        let start = c.startAt ?? tx.now
        let end = c.endAt ?? start
        let id: ID<StoredVisit> = tx.makeID()
        try tx.run(
            """
            insert into ticket_visit (id, ticket_id, engineer_id, start_at, end_at, created_at)
            values (\(id), \(view.ticket.id), \(c.engineer), \(start), \(end), \(tx.now))
            """)
        return StoredVisit(
            id: id.text, ticket: view.ticket.id, engineer: c.engineer, startAt: start, endAt: end)
    }

    /// Work is given to people of the house and of suppliers: a customer named here would be told of
    /// another customer's ticket. Alike whether the account exists or not.
    static func mustServe(_ account: AccountID, _ field: String, _ tx: Transaction) throws {
        guard
            try tx.exists(
                """
                select 1 from account a join organization o on o.id = a.organization_id
                where a.id = \(account) and a.is_active = 1 and o.kind <> 'customer'
                """)
        else { throw Failure.invalid(field, "ticket.unknown_reference") }
    }

    /// Who is to be sent, and what stands against it: no engineer, on leave, an account that has ended.
    static func assignment(_ c: AssignmentInput, _ view: TicketView, _ tx: Transaction) throws -> Assignment {
        let found = try tx.first(
            """
            select a.is_active, a.leave_from, a.leave_to, p.unit_id from account a
              left join post p on p.account_id = a.id and p.role = 'engineer' and p.from_at <= \(tx.now)
                and (p.to_at is null or p.to_at > \(tx.now))
            where a.id = \(c.engineer) and p.id is not null
            """
        ) { r in (r.bool(), r.instantOrNil(), r.instantOrNil(), r.idOrNil(OrganizationKind.self)) }
        guard let found, found.0 else { throw Failure.invalid("engineer_id", "ticket.not_an_engineer") }
        var obstacle: String?
        if let from = found.1, from <= tx.now, found.2.map({ tx.now <= $0 }) ?? true {
            obstacle = "ticket.on_leave"
        }
        return Assignment(engineer: c.engineer, emergency: c.emergency, unit: found.3, obstacle: obstacle)
    }

    /// A person's task by id, through what they may see: their own or their unit's, or of a ticket that
    /// they see.
    static func task(_ id: String, _ tx: Transaction) throws -> StoredTask {
        let actor = tx.actor
        let own: SQL = """
            (k.owner_id = \(actor.id?.text ?? "") or k.unit_id in \(list: (actor.units + [actor.organization].compactMap { $0 }).map(\.text)))
            """
        let found = try tx.first(
            """
            select \(taskColumns) from ticket_task k join ticket t on t.id = k.ticket_id
            where k.id = \(id) and (\(own) or (\(TicketAccess.visible(to: actor)) and \(TicketAccess.seesInternal(actor)) = 1))
            """, readTask)
        guard let found else { throw Failure.notFound("task.not_found") }
        return found
    }

    /// Marks a task done or open again, with its result.
    static func change(
        _ id: String, checking: (Int64) throws -> Void = { _ in }, _ tx: Transaction,
        _ input: () throws -> TaskChangeInput
    ) throws
        -> StoredTask
    {
        var task = try task(id, tx)
        guard let stored = try tx.storedTicket(task.ticket) else { throw Failure.notFound("task.not_found") }
        let events = try tx.clockEvents(task.ticket, cycle: stored.ticket.cycle)
        var view = TicketView(
            stored: stored, events: events, book: try ServiceLevels.book(tx), context: RuleContext())
        view.context = try context(view, for: .tasks, tx)
        let actor = tx.actor
        if task.owner == actor.id
            || task.unit.map({ actor.units.contains($0) || actor.organization == $0 }) ?? false
        {
            view.context.relation.insert(.holdsTask)
        }
        try stored.ticket.permitTaskChange(actor, view.context)
        try checking(task.version)
        try stored.ticket.permitTaskChangeNow()
        let c = try input()
        let isDone = c.done ?? task.isDone
        let outcome = try stored.ticket.taskChanged(
            wasDone: task.isDone, isDone: isDone, result: c.result, by: actor, context: view.context,
            at: tx.now)
        try tx.run(
            """
            update ticket_task set is_done = \(isDone), result = \(c.result ?? task.result),
              done_at = \(isDone ? task.doneAt ?? tx.now : nil), version = version + 1 where id = \(id)
            """)
        try apply(outcome, to: view, tx)
        task.isDone = isDone
        task.result = c.result ?? task.result
        task.doneAt = isDone ? task.doneAt ?? tx.now : nil
        task.version += 1
        return task
    }

    /// Tasks of the caller, the nearest due first.
    /// - Parameter after: the last task of the page before: done, due (ms), id
    static func myTasks(
        openOnly: Bool, after: (done: Int64, due: Int64, id: String)? = nil, limit: Int, _ tx: Transaction
    ) throws -> [StoredTask] {
        let me = tx.actor.id?.text ?? ""
        let units = (tx.actor.units + [tx.actor.organization].compactMap { $0 }).map(\.text)
        var filter: SQL = openOnly ? " and k.is_done = 0" : ""
        if let after {
            filter += """
                 and (k.is_done, coalesce(k.due_at, \(farInstant)), k.id)
                  > (\(after.done), \(after.due), \(after.id))
                """
        }
        return try tx.rows(
            """
            select \(taskColumns) from ticket_task k where (k.owner_id = \(me)
              or (k.owner_id is null and k.unit_id in \(list: units)))\(filter)
            order by k.is_done, coalesce(k.due_at, \(farInstant)), k.id limit \(limit)
            """, readTask)
    }
}

/// `/api/v1/tasks`.
enum TicketTaskRoutes {
    static let shape = Shape<StoredTask>(
        "Task",
        [
            .text("id") { $0.id }, .optionalText("ticket_id") { $0.ticket.text }, .choice("kind") { $0.kind },
            .text("title") { $0.title }, .optionalText("unit_id") { $0.unit?.text },
            .optionalText("owner_id") { $0.owner?.text }, .time("due_at") { $0.dueAt },
            .bool("done") { $0.isDone },
            .optionalText("result") { $0.result }, .time("done_at") { $0.doneAt },
            .time("created_at") { $0.createdAt },
            .int("version") { $0.version },
        ])

    static let visit = Shape<StoredVisit>(
        "Visit",
        [
            .text("id") { $0.id }, .text("ticket_id") { $0.ticket.text },
            .text("engineer_id") { $0.engineer.text },
            .time("start_at") { $0.startAt }, .time("end_at") { $0.endAt },
        ])

    struct ListInput: Command {
        var open: Bool
        var paging: Paging
        init(_ read: inout FieldReader) {
            open = read.optionalBool("open") ?? false
            paging = Paging(&read)
        }
    }

    static func add(_ routes: inout Routes) {
        routes.get(
            "/tasks",
            .init("My coordination tasks", tag: "tasks", query: ListInput.self, answer: .page(shape))
        ) {
            call, tx in
            let input = try call.filter(ListInput.self)
            let list = Listing("tasks", input.paging, narrowedBy: ["\(input.open)"], call)
            let after = try list.after(3).map {
                (done: Int64($0[0]) ?? 0, due: Int64($0[1]) ?? 0, id: $0[2])
            }
            let tasks = try Tickets.myTasks(openOnly: input.open, after: after, limit: list.asked, tx)
            let page = list.page(tasks) {
                [$0.isDone ? "1" : "0", String(($0.dueAt ?? farInstant).ms), $0.id]
            }
            return .json(page.json(shape))
        }
        var doc = Route.Doc(
            "Report a task's result", tag: "tasks", body: TaskChangeInput.self, answer: .one(shape))
        doc.needsMatch = true
        routes.change("PATCH", "/tasks/{id}", doc) { call, tx in
            let task = try Tickets.change(call.parameter("id"), checking: call.requireVersion, tx) {
                try call.input(TaskChangeInput.self)
            }
            return Reply.json(shape.json(task)).tagged(task.version)
        }
        routes.form("/tasks/{id}", again: WorkTasks.again) { call, tx in
            let task = try Tickets.change(call.parameter("id"), tx) { try call.input(TaskChangeInput.self) }
            return .redirect(
                call.typed("next") == "ticket" ? "/tickets/\(task.ticket)?done=task" : "/tasks?done=task")
        }
    }
}
