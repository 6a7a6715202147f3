/** "calm" in ASCII: what our files carry as their application id. Stands alone, for those who do without Effect. */
export const applicationId = 0x63616c6d
