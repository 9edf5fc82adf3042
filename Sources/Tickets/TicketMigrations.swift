import Store

/// The schema of the tickets area.
public enum TicketMigrations {
    public static let all = [
        core, conversation, search, levels, queues, linkMakers, evaluated, scripts, numbers, plans,
        searchTicket, units, shipments,
    ]

    /// `content` holds the whole ticket as JSON; the columns beside it are what lists, queues and
    /// counts ask for, written in the same statement and checked by `fettle verify`.
    /// `due_at` is the earliest due instant of a running leg; `queue_far` where none runs, so that one
    /// index serves the queue in order.
    private static let core = Migration(
        "tickets-001",
        """
        create table ticket (
          id {text} not null primary key, number {text} not null unique, state {text} not null,
          is_open {int} not null, cycle {int} not null, origin {text} not null, version {int} not null,
          title {text} not null, category {text}, nature {text}, priority {int}, turn {text} not null,
          task {text} not null, requester_id {text}, organization_id {text}, project_id {text},
          site_id {text}, engineer_id {text}, unit_id {text}, parent_id {text}, created_by {text},
          product {text}, model {text}, serial {text}, failure_mode {text},
          received_at {int}, created_at {int} not null, updated_at {int} not null, closed_at {int},
          next_action_at {int}, provisional_due_at {int}, absence_due_at {int},
          policy_id {text}, policy_version {int},
          r_verdict {text}, r_due_at {int}, r_target_ms {int}, r_stopped_at {int},
          s_verdict {text}, s_due_at {int}, s_target_ms {int}, s_stopped_at {int}, s_paused_ms {int},
          s_remaining_ms {int}, due_at {int} not null, due_leg {text}, next_warning_at {int},
          levels_stamp {int} not null default 0, recorded_verdict {int}, content {text} not null
        ) {rowtable};
        create index ticket_queue on ticket (is_open, due_at, id, state, created_by, priority, category);
        create index ticket_received on ticket (received_at, id);
        create index ticket_state on ticket (state, received_at, id);
        create index ticket_organization on ticket (organization_id, received_at, id);
        create index ticket_organization_open on ticket (organization_id, is_open, due_at, id);
        create index ticket_engineer on ticket (engineer_id, is_open, due_at, id);
        create index ticket_project on ticket (project_id, is_open, due_at, id);
        create index ticket_serial on ticket (serial, received_at);
        create index ticket_common on ticket (product, failure_mode, received_at);
        create index ticket_warning on ticket (next_warning_at);
        create index ticket_parent on ticket (parent_id);
        create index ticket_provisional on ticket (provisional_due_at);
        create index ticket_absence on ticket (absence_due_at);
        create table ticket_number (year {int} not null primary key, last {int} not null) {table};
        create table ticket_access (
          ticket_id {text} not null, principal {text} not null, primary key (ticket_id, principal)
        ) {table};
        create index ticket_access_principal on ticket_access (principal, ticket_id);
        create table ticket_clock (
          ticket_id {text} not null, cycle {int} not null, number {int} not null, at {int} not null,
          content {text} not null, primary key (ticket_id, cycle, number)
        ) {table};
        create table ticket_cycle (
          ticket_id {text} not null, cycle {int} not null, reopened_at {int} not null,
          policy_id {text}, policy_version {int}, r_verdict {text}, s_verdict {text},
          r_due_at {int}, s_due_at {int}, content {text} not null, primary key (ticket_id, cycle)
        ) {table};
        """)

    private static let conversation = Migration(
        "tickets-002",
        """
        create table ticket_task (
          id {text} not null primary key, ticket_id {text} not null, kind {text} not null,
          title {text} not null, unit_id {text}, owner_id {text}, due_at {int}, is_done {int} not null,
          result {text}, done_at {int}, created_at {int} not null, created_by {text},
          version {int} not null
        ) {table};
        create index ticket_task_ticket on ticket_task (ticket_id, id);
        create index ticket_task_owner on ticket_task (owner_id, is_done, due_at);
        create index ticket_task_unit on ticket_task (unit_id, is_done, due_at);
        create table ticket_visit (
          id {text} not null primary key, ticket_id {text} not null, engineer_id {text} not null,
          start_at {int} not null, end_at {int} not null, created_at {int} not null
        ) {table};
        create index ticket_visit_ticket on ticket_visit (ticket_id, start_at);
        create index ticket_visit_engineer on ticket_visit (engineer_id, start_at);
        create table attachment (
          id {text} not null primary key, ticket_id {text}, fact_number {int}, name {text} not null,
          type {text} not null, size {int} not null, sha256 {text} not null,
          visibility {text} not null, created_at {int} not null, created_by {text}, is_complete {int} not null
        ) {table};
        create index attachment_ticket on attachment (ticket_id, id);
        create index attachment_loose on attachment (ticket_id, created_at);
        create table attachment_chunk (
          attachment_id {text} not null, number {int} not null, bytes {blob} not null,
          primary key (attachment_id, number)
        ) {table};
        create table notice (
          id {text} not null primary key, account_id {text} not null, ticket_id {text},
          kind {text} not null, data {text} not null, at {int} not null, needs_acknowledgement {int} not null,
          read_at {int}, acknowledged_at {int}, acknowledged_by {text}, escalate_at {int},
          escalated_at {int}
        ) {table};
        create index notice_account on notice (account_id, read_at, id);
        create index notice_ticket on notice (ticket_id, id);
        create index notice_escalate on notice (escalate_at);
        create table rating_link (
          token_hash {text} not null primary key, ticket_id {text} not null, cycle {int} not null,
          created_at {int} not null, expires_at {int} not null, used_at {int}
        ) {table};
        create table saved_view (
          id {text} not null primary key, account_id {text} not null, page {text} not null,
          name {text} not null, query {text} not null, created_at {int} not null
        ) {table};
        create index saved_view_account on saved_view (account_id, page, id);
        create table problem_link (
          problem_id {text} not null, ticket_id {text} not null, at {int} not null, by_id {text},
          primary key (problem_id, ticket_id)
        ) {table};
        create index problem_link_ticket on problem_link (ticket_id);
        """)

    private static let levels = Migration(
        "tickets-004",
        """
        create table ticket_reevaluation (
          id {text} not null primary key, policy_id {text}, policy_version {int}, after_id {text} not null
        ) {table};
        """)

    /// What waits for an engineer is counted on every page: by the index alone.
    private static let queues = Migration(
        "tickets-005",
        """
        drop index ticket_engineer;
        create index ticket_engineer on ticket (engineer_id, is_open, due_at, id, turn, state, created_by);
        """)

    /// Whoever holds a rating link speaks for the requester: a rating says who had made the link.
    private static let linkMakers = Migration(
        "tickets-006",
        """
        alter table rating_link add column made_by {text};
        alter table rating_link add column made_by_name {text};
        """)

    /// When a ticket was last worked out anew after an edit of the service levels: its clocks stand as of
    /// then, though it was not changed itself.
    private static let evaluated = Migration(
        "tickets-007", "alter table ticket add column levels_at {int};")

    /// Both Chinese scripts are found alike: what was indexed before is indexed anew. And whoever was to
    /// visit sees the ticket.
    private static let scripts = Migration(
        "tickets-008",
        """
        create table search_rebuild (after_id {text} not null primary key) {table};
        insert into search_rebuild (after_id) select '' from ticket limit 1;
        insert into ticket_access (ticket_id, principal)
          select distinct v.ticket_id, 'a:' || v.engineer_id from ticket_visit v where true
          on conflict do nothing;
        """)

    /// Reports by the day on which something fell due, the list in order of what is due, and notices that
    /// nobody has acknowledged: none of them reads a table whole.
    private static let plans = Migration(
        "tickets-010",
        """
        create index ticket_response_due on ticket (r_due_at);
        create index ticket_solution_due on ticket (s_due_at);
        create index ticket_due on ticket (due_at, id);
        create index ticket_cycle_response on ticket_cycle (r_due_at);
        create index ticket_cycle_solution on ticket_cycle (s_due_at);
        create index notice_unacknowledged on notice (needs_acknowledgement, acknowledged_at, ticket_id);
        """)

    /// Tickets by the product unit that they are about.
    private static let units = Migration(
        "tickets-012",
        """
        alter table ticket add column product_unit_id {text};
        create index ticket_product_unit on ticket (product_unit_id, received_at);
        """)

    /// The shipment that a task waits for.
    private static let shipments = Migration(
        "tickets-013",
        """
        alter table ticket_task add column stock_document_id {text};
        create index ticket_task_document on ticket_task (stock_document_id);
        """)

    /// What the server needs for counting beside what a file needs.
    private static let numbers = Migration(
        "tickets-009", "", own: [.postgres: Transaction.numbersPostgres])

    /// How common a fault is, where a ticket names a model and no product.
    private static let searchTicket = Migration(
        "tickets-011",
        """
        create index ticket_common_model on ticket (model, failure_mode, received_at);
        """, own: [.postgres: Transaction.searchTicketPostgres])

    /// One document per ticket text or message; the index over them is the engine's own.
    private static let search = Migration(
        "tickets-003",
        """
        create table search_doc (
          row_id {int} not null primary key, doc_id {text} not null unique, ticket_id {text} not null,
          visibility {text} not null
        ) {rowtable};
        create index search_doc_ticket on search_doc (ticket_id);
        """, own: [.sqlite: Transaction.searchIndexSQLite, .postgres: Transaction.searchIndexPostgres])
}
