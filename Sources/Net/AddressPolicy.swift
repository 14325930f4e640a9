/// Which hosts a client connects to.
public enum AddressPolicy: Sendable {
  /// Any.
  case any
  /// Only those of the public internet: whoever chose the url must not reach the own machine or network.
  ///
  /// Each address is looked at when it is connected to, after the look-up of the name, so that no name can change
  /// its meaning in between. The proxies of the environment are not used, as they would hide the address.
  case publicOnly
}
