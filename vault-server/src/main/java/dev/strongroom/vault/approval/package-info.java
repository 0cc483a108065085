/** Changes that more than one person must want: requests, approvals, and their use. */
@NullMarked
package dev.strongroom.vault.approval;

import org.jspecify.annotations.NullMarked;
