import Base
import Foundation
import Testing

@testable import ServiceLevels

/// The rules of the process, each as a row: facts at hours after receipt on a calendar round the clock,
/// and what a leg says at an hour.
@Suite struct ClockTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var facts: [(Double, ClockEvent.Kind)]
        var now: Double
        var leg = Leg.solution
        var due: Double?
        var verdict: Verdict
        var stopped: Double?
        var paused: Double = 0
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        // The grade
        Row(
            name: "ungraded: the loosest grade, response", facts: [], now: 1, leg: .response, due: 24,
            verdict: .pending),
        Row(name: "ungraded: the loosest grade, solution", facts: [], now: 1, due: 336, verdict: .pending),
        Row(name: "ungraded counts as due", facts: [], now: 25, leg: .response, due: 24, verdict: .missed),
        Row(name: "approved", facts: [(1, graded(.p1))], now: 1.5, leg: .response, due: 2, verdict: .pending),
        Row(
            name: "approved too late for its grade", facts: [(3, graded(.p1))], now: 3, leg: .response,
            due: 2, verdict: .missed),
        Row(
            name: "overrun while provisional is missed for good",
            facts: [(25, graded(.p4)), (25, .responded)], now: 30, leg: .response, due: 24, verdict: .missed,
            stopped: 25),
        Row(
            name: "answered before approval: a leg already stopped keeps its verdict",
            facts: [(3, .responded), (4, graded(.p1))], now: 30, leg: .response, due: 24, verdict: .met,
            stopped: 3),
        // Response
        Row(
            name: "response at the due instant", facts: [(1, graded(.p2)), (4, .responded)], now: 9,
            leg: .response, due: 4, verdict: .met, stopped: 4),
        Row(
            name: "response a moment late", facts: [(1, graded(.p2)), (4.001, .responded)], now: 9,
            leg: .response, due: 4, verdict: .missed, stopped: 4.001),
        Row(
            name: "only the first one counts", facts: [(1, graded(.p2)), (2, .responded), (9, .responded)],
            now: 9, leg: .response, due: 4, verdict: .met, stopped: 2),
        Row(
            name: "a question is itself an answer", facts: [(1, graded(.p2)), (3, .paused)], now: 9,
            leg: .response, due: 4, verdict: .met, stopped: 3),
        Row(
            name: "entering and grading are no response", facts: [(1, graded(.p2))], now: 5, leg: .response,
            due: 4, verdict: .missed),
        // Pauses
        Row(
            name: "a pause moves the due instant", facts: [(1, graded(.p1)), (2, .paused), (8, .resumed)],
            now: 9, due: 30, verdict: .pending, paused: 6),
        Row(
            name: "while paused nobody knows", facts: [(1, graded(.p1)), (2, .paused)], now: 500, due: nil,
            verdict: .pending, paused: 498),
        Row(
            name: "paused this instant", facts: [(1, graded(.p1)), (2, .paused)], now: 2, due: nil,
            verdict: .pending, paused: 0),
        Row(
            name: "two pauses add up",
            facts: [(1, graded(.p1)), (2, .paused), (8, .resumed), (10, .paused), (11, .resumed)], now: 12,
            due: 31, verdict: .pending, paused: 7),
        Row(
            name: "a pause after the due instant moves nothing",
            facts: [(1, graded(.p1)), (30, .paused), (40, .resumed), (41, .solutionGiven(interim: false))],
            now: 50, due: 24, verdict: .missed, stopped: 41, paused: 10),
        Row(
            name: "paused at the very due instant", facts: [(1, graded(.p1)), (24, .paused), (40, .resumed)],
            now: 41, due: 24, verdict: .missed, paused: 16),
        Row(
            name: "hold time is not lost on paused → solved",
            facts: [(1, graded(.p1)), (2, .paused), (30, .solutionGiven(interim: false))], now: 60, due: 52,
            verdict: .met, stopped: 30, paused: 28),
        Row(
            name: "a pause does not hold the response", facts: [(1, graded(.p1)), (2, .paused)], now: 50,
            leg: .response, due: 2, verdict: .met, stopped: 2),
        Row(
            name: "paused twice without an answer between",
            facts: [(1, graded(.p1)), (2, .paused), (4, .paused), (8, .resumed), (9, .resumed)], now: 9,
            due: 30, verdict: .pending, paused: 6),
        Row(
            name: "a pause survives a change of priority",
            facts: [(1, graded(.p4)), (2, .paused), (8, .resumed), (9, misjudged(.p1))], now: 10, due: 30,
            verdict: .pending, paused: 6),
        Row(
            name: "priority changed while paused",
            facts: [(1, graded(.p4)), (2, .paused), (6, misjudged(.p1)), (8, .resumed)], now: 10, due: 30,
            verdict: .pending, paused: 6),
        // Solutions
        Row(
            name: "in time", facts: [(1, graded(.p1)), (20, .solutionGiven(interim: false))], now: 400,
            due: 24, verdict: .met, stopped: 20),
        Row(
            name: "a solution is an answer", facts: [(1, graded(.p2)), (3, .solutionGiven(interim: false))],
            now: 400, leg: .response, due: 4, verdict: .met, stopped: 3),
        Row(
            name: "refused: runs on, the time between is not counted",
            facts: [(1, graded(.p1)), (20, .solutionGiven(interim: false)), (50, .solutionRefused)], now: 51,
            due: 54, verdict: .pending, paused: 30),
        Row(
            name: "refused, and given again in time",
            facts: [
                (1, graded(.p1)), (20, .solutionGiven(interim: false)), (50, .solutionRefused),
                (53, .solutionGiven(interim: false)),
            ], now: 60, due: 54, verdict: .met, stopped: 53, paused: 30),
        Row(
            name: "late, then refused: stays missed",
            facts: [(1, graded(.p1)), (25, .solutionGiven(interim: false)), (50, .solutionRefused)], now: 51,
            due: 24, verdict: .missed, paused: 25),
        Row(
            name: "given while paused, then refused",
            facts: [
                (1, graded(.p1)), (4, .paused), (10, .solutionGiven(interim: false)), (20, .solutionRefused),
            ], now: 21, due: 40, verdict: .pending, paused: 16),
        Row(
            name: "returned by management: the time between counts",
            facts: [(1, graded(.p1)), (20, .solutionGiven(interim: false)), (50, .decisionReturned)], now: 51,
            due: 24, verdict: .missed),
        Row(
            name: "returned in time",
            facts: [
                (1, graded(.p1)), (10, .solutionGiven(interim: false)), (12, .decisionReturned),
                (23, .solutionGiven(interim: false)),
            ], now: 51, due: 24, verdict: .met, stopped: 23),
        Row(
            name: "interim alone does not stop",
            facts: [(1, graded(.p1)), (10, .solutionGiven(interim: true))], now: 25, due: 24, verdict: .missed
        ),
        Row(
            name: "interim accepted: stops as of its giving",
            facts: [(1, graded(.p1)), (10, .solutionGiven(interim: true)), (30, .solutionAccepted)], now: 31,
            due: 24, verdict: .met, stopped: 10),
        Row(
            name: "interim refused: as if not given",
            facts: [(1, graded(.p1)), (10, .solutionGiven(interim: true)), (12, .solutionRefused)], now: 20,
            due: 24, verdict: .pending),
        Row(
            name: "interim accepted, refused after all",
            facts: [
                (1, graded(.p1)), (10, .solutionGiven(interim: true)), (12, .solutionAccepted),
                (15, .solutionRefused),
            ], now: 20, due: 29, verdict: .pending, paused: 5),
        Row(
            name: "the refusal of a later solution leaves the accepted interim",
            facts: [
                (1, graded(.p1)), (10, .solutionGiven(interim: true)), (12, .solutionAccepted),
                (40, .solutionGiven(interim: false)), (45, .solutionRefused),
            ], now: 50, due: 24, verdict: .met, stopped: 10),
        Row(
            name: "an update later never overrides the first",
            facts: [
                (1, graded(.p1)), (10, .solutionGiven(interim: false)), (90, .solutionGiven(interim: false)),
            ], now: 91, due: 24, verdict: .met, stopped: 10),
        // Rejection, cancellation
        Row(
            name: "rejected: response stops", facts: [(5, .rejected)], now: 90, leg: .response, due: 24,
            verdict: .met, stopped: 5),
        Row(name: "rejected: solution void", facts: [(5, .rejected)], now: 900, due: 336, verdict: .void),
        Row(
            name: "objection: as if never stopped, response", facts: [(5, .rejected), (9, .objected)],
            now: 25, leg: .response, due: 24, verdict: .missed),
        Row(
            name: "objection: as if never stopped, solution",
            facts: [(5, .rejected), (9, .objected), (10, graded(.p1))], now: 12, due: 24, verdict: .pending),
        Row(
            name: "rejected again", facts: [(5, .rejected), (9, .objected), (11, .rejected)], now: 50,
            leg: .response, due: 24, verdict: .met, stopped: 11),
        Row(name: "cancelled", facts: [(1, graded(.p1)), (3, .voided)], now: 90, due: 24, verdict: .void),
        Row(
            name: "cancelled: what was stopped keeps its verdict",
            facts: [(1, graded(.p1)), (1.5, .responded), (3, .voided)], now: 90, leg: .response, due: 2,
            verdict: .met, stopped: 1.5),
        Row(
            name: "cancelled: what was missed stays missed", facts: [(1, graded(.p1)), (30, .voided)],
            now: 90, due: 24, verdict: .missed),
        // Priorities
        Row(
            name: "misjudged: from the origin, less pauses",
            facts: [(0, graded(.p4)), (30, .paused), (54, .resumed), (60, misjudged(.p2))], now: 60, due: 96,
            verdict: .pending, paused: 24),
        Row(
            name: "impact changed upwards: from the change",
            facts: [(0, graded(.p4)), (30, .paused), (54, .resumed), (60, impact(.p2))], now: 60, due: 132,
            verdict: .pending),
        Row(
            name: "upwards: the earlier of old and new wins", facts: [(0, graded(.p4)), (300, impact(.p3))],
            now: 301, due: 336, verdict: .pending),
        Row(
            name: "upwards, then paused: both move",
            facts: [(0, graded(.p4)), (300, impact(.p3)), (310, .paused), (320, .resumed)], now: 330,
            due: 346, verdict: .pending, paused: 10),
        Row(
            name: "upwards twice", facts: [(0, graded(.p4)), (10, impact(.p3)), (20, impact(.p1))], now: 21,
            due: 44, verdict: .pending),
        Row(
            name: "downwards: as misjudged",
            facts: [(0, graded(.p1)), (10, .paused), (12, .resumed), (20, impact(.p3))], now: 30, due: 170,
            verdict: .pending, paused: 2),
        Row(
            name: "up and down again: the first promise",
            facts: [(0, graded(.p4)), (100, impact(.p1)), (110, impact(.p4))], now: 120, due: 336,
            verdict: .pending),
        Row(
            name: "up, then corrected: from the change",
            facts: [(0, graded(.p4)), (100, impact(.p1)), (110, misjudged(.p2))], now: 120, due: 172,
            verdict: .pending),
        Row(
            name: "down keeps no stricter promise",
            facts: [(0, graded(.p2)), (10, impact(.p1)), (20, impact(.p4))], now: 30, due: 336,
            verdict: .pending),
        Row(
            name: "missed for good, whatever the grade becomes",
            facts: [(0, graded(.p1)), (25, misjudged(.p4))], now: 30, due: 336, verdict: .missed),
        Row(
            name: "lowered in time", facts: [(0, graded(.p1)), (23, misjudged(.p4))], now: 30, due: 336,
            verdict: .pending),
        Row(
            name: "a leg already stopped keeps its verdict",
            facts: [(0, graded(.p4)), (100, .solutionGiven(interim: false)), (110, misjudged(.p1))], now: 400,
            due: 336, verdict: .met, stopped: 100),
        Row(
            name: "emergency P1, then approved as P3",
            facts: [(0.5, graded(.p1)), (1, .responded), (20, graded(.p3))], now: 30, due: 168,
            verdict: .pending),
    ]

    @Test(arguments: rows) func rule(_ row: Row) throws {
        let state = clock(row.facts, try terms()).state(of: row.leg, at: h(row.now))
        #expect(state.due == row.due.map { h($0) })
        #expect(state.verdict == row.verdict)
        #expect(state.stoppedAt == row.stopped.map { h($0) })
        #expect(state.paused == h(row.paused) - t0)
        if row.verdict == .pending { #expect(state.elapsed + state.remaining == state.target) }
    }

    /// What is computed at an instant does not depend on what comes after it.
    @Test(arguments: rows) func laterFactsDoNotReachBack(_ row: Row) throws {
        let terms = try terms()
        let full = clock(row.facts, terms)
        for cut in stride(from: 0.25, to: 60, by: 3.5) {
            let known = clock(row.facts.filter { $0.0 <= cut }, terms)
            #expect(full.state(at: h(cut)) == known.state(at: h(cut)))
        }
    }

    /// Each stretch follows the one before, and the counted ones add up to the clock.
    @Test(arguments: rows) func explanationsAddUp(_ row: Row) throws {
        let clock = clock(row.facts, try terms())
        let state = clock.state(of: row.leg, at: h(row.now))
        let parts = clock.explanation(of: row.leg, at: h(row.now))
        var end = state.origin
        for part in parts {
            #expect(part.from == end && part.to > part.from)
            end = part.to
        }
        let counted = parts.filter { $0.kind == .counted }.reduce(Span.zero) { $0 + $1.counted }
        let held = parts.filter { $0.kind == .paused || $0.kind == .stopped }
            .reduce(Span.zero) { $0 + $1.counted }
        #expect(counted == state.elapsed && held == state.paused)
        if state.verdict == .pending, let due = state.due {
            #expect(parts.last?.to == due && parts.last?.total == state.target)
        }
    }

    @Test func aGradeCorrectedTooLateIsChargedToTheGrader() throws {
        let late = clock([(0, graded(.p4)), (0, .responded), (30, misjudged(.p1))], try terms())
        let state = late.state(at: h(30))
        #expect(state.solution.verdict == .missed && state.solution.isGradingFault)
        #expect(state.solution.missedAt == h(24))
        #expect(!state.response.isGradingFault && state.response.verdict == .met)
        // Overrun before the correction: not the grader's fault.
        let own = clock([(0, graded(.p1)), (30, misjudged(.p2))], try terms()).state(at: h(31)).solution
        #expect(own.verdict == .missed && !own.isGradingFault)
    }

    @Test(
        arguments: [
            (0.0, 12.0, 50), (11.9, 12, 50), (12, 18, 75), (17, 18, 75), (18, 24, 100), (23, 24, 100),
            (30, nil, nil),
        ] as [(Double, Double?, Int?)])
    func warnings(_ now: Double, _ next: Double?, _ percent: Int?) throws {
        let state = clock([(0, graded(.p1)), (0, .responded)], try terms()).state(at: h(now))
        #expect(state.nextWarning == next.map { h($0) })
        #expect(state.solution.nextWarningPercent == percent)
    }

    @Test func whoLooksAtTheDueInstantLooksOnceMore() throws {
        let clock = clock([(0, graded(.p1)), (0, .responded)], try terms())
        let due = clock.state(at: h(24)).solution
        #expect(due.verdict == .pending && due.nextWarningPercent == nil)
        let next = try #require(due.nextWarning)
        #expect(clock.state(at: next).solution.verdict == .missed)
        #expect(clock.state(at: next).nextWarning == nil)
    }

    @Test func noWarningWhilePausedAndLaterByThePause() throws {
        let facts: [(Double, ClockEvent.Kind)] = [(0, graded(.p1)), (0, .responded), (10, .paused)]
        #expect(clock(facts, try terms()).state(at: h(11)).nextWarning == nil)
        #expect(clock(facts + [(20, .resumed)], try terms()).state(at: h(20)).nextWarning == h(22))
        let paused = clock(facts, try terms())
        #expect(paused.state(at: h(11)).solution.remaining == paused.state(at: h(500)).solution.remaining)
    }

    @Test func completionIsReportedOnly() throws {
        let facts: [(Double, ClockEvent.Kind)] = [
            (1, graded(.p1)), (4, .paused), (40, .resumed), (100, .closed),
        ]
        let open = clock(facts, try terms()).state(at: h(50)).completion
        #expect(open.stoppedAt == nil && open.elapsed == .hours(50) && open.startedAt == t0)
        let closed = clock(facts, try terms()).state(at: h(500)).completion
        #expect(closed.stoppedAt == h(100) && closed.elapsed == .hours(100) && !closed.isVoid)
        let void = clock([(1, .rejected)], try terms()).state(at: h(5)).completion
        #expect(void.isVoid && void.elapsed == nil)
        #expect(!clock([(1, .rejected), (2, .objected)], try terms()).state(at: h(5)).completion.isVoid)
    }

    @Test func aSolutionMayRunOnUntilTheReport() throws {
        let facts: [(Double, ClockEvent.Kind)] = [(1, graded(.p1)), (4, .solutionGiven(interim: false))]
        #expect(clock(facts, try terms()).state(of: .solution, at: h(9)).mayRunOn)
        #expect(
            !clock(facts + [(8, .completionReported)], try terms()).state(of: .solution, at: h(9)).mayRunOn)
    }

    @Test func closingEndsWhatStillRuns() throws {
        let state = clock([(1, graded(.p1)), (4, .paused), (30, .closed)], try terms())
            .state(of: .solution, at: h(90))
        // Ended without a solution: not met, for nothing was given.
        #expect(state.verdict == .void && state.endedAt == h(30) && state.stoppedAt == nil)
        #expect(!state.mayRunOn && !state.isPaused)
        let late = clock([(1, graded(.p1)), (30, .closed)], try terms()).state(of: .solution, at: h(90))
        #expect(late.verdict == .missed && late.missedAt == h(24))
    }

    @Test func aNewCycleHasFreshLegs() throws {
        let again = ServiceClock(
            origin: h(1000), events: [ClockEvent(h(1000), graded(.p2))], terms: try terms()
        ).state(at: h(1001))
        #expect(again.response.due == h(1004) && again.solution.due == h(1072))
        #expect(!again.solution.isProvisional)
    }

    @Test func aCategoryMayHaveTargetsOfItsOwn() throws {
        var policy = try ServiceLevelPolicy.standard(from: t0)
        policy.categories = ["request": [.p4: GradeTargets(response: .hours(1), solution: .hours(5))]]
        let book = CalendarBook([always])
        let clock = ServiceClock(
            origin: t0,
            events: [
                ClockEvent(t0, graded(.p4)),
                ClockEvent(h(2), .reprioritised(.misjudged, Grade(.p4, terms: 1))),
            ], terms: try ClockTerms(policy, category: "quality", calendars: book),
            others: [try ClockTerms(policy, category: "request", calendars: book)])
        #expect(clock.state(at: h(1.5)).solution.due == h(336))
        #expect(clock.state(at: h(2)).solution.due == h(5))
        #expect(clock.state(at: h(2)).response.isGradingFault)
    }

    @Test func factsAreStoredAsText() throws {
        let kinds: [ClockEvent.Kind] = [
            .graded(Grade(.p3, terms: 2)), .reprioritised(.misjudged, Grade(.p1)),
            .reprioritised(.impactChanged, Grade(.p2)), .responded, .paused, .resumed,
            .solutionGiven(interim: true), .solutionGiven(interim: false), .solutionRefused,
            .solutionAccepted, .decisionReturned, .completionReported, .rejected, .objected, .voided,
            .closed, .kept(.response, .missed, due: h(3)),
        ]
        for kind in kinds {
            let event = ClockEvent(h(1.5), kind)
            #expect(try ClockEvent(json: JSON.parse(event.json.text)) == event)
        }
    }
}
