import Base
import Web

extension Parts {
    static func mayWrite(_ call: Call) -> Bool { call.caller?.actor.has(.administrator) ?? false }
}
