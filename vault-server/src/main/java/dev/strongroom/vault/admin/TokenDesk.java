package dev.strongroom.vault.admin;

import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.TokenState;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;

/**
 * Takes an operator's word that a lost token can be had back. Each request is one login attempt at
 * most, and is in the log before it; a token that is down cannot sign it, so that comes later.
 *
 * <p>Thread-safe.
 */
public final class TokenDesk {
    private final KeyCustodian custodian;
    private final AuditLog log;

    public TokenDesk(KeyCustodian custodian, AuditLog log) {
        this.custodian = custodian;
        this.log = log;
    }

    /**
     * What came of a request.
     *
     * @param request the record of it
     * @param state the token's state afterwards
     */
    public record Recovery(AuditReceipt request, TokenState state) {}

    /** Tries once, unless the token serves. */
    public Recovery recover(String actor) {
        AuditReceipt request =
                log.append(
                        Decision.of(AuditRecord.TOKEN_RECOVERY, actor, Principal.WHOLE_VAULT)
                                .with("state", custodian.state().label()));
        return new Recovery(request, custodian.recover());
    }
}
