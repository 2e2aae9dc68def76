package io.postern.smtp;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;

/**
 * What all sessions of one receiver share.
 *
 * @param tls what TLS begins with; empty if it is not offered
 * @param closing whether the receiver is about to close
 */
record Surroundings(
    SmtpSettings settings,
    Reception reception,
    SenderLimits limits,
    LoginLimits loginLimits,
    Supplier<Optional<SSLSocketFactory>> tls,
    BooleanSupplier closing) {}
