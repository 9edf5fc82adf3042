import Base
import Store
import Web

enum UnitPages {
    static func one(_ call: Call, _ tx: Transaction) throws -> Reply { throw Failure.notFound() }
}
